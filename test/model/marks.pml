// MongoDB has no join in a read: raising an epoch marks each session that it revokes (`UserEpochs`), while sessions are made and moved to
// a higher epoch, and a process dies in between.
//
// switch NO_LOOK_AFTER: who makes or moves a session does not read the epoch afterwards
// switch MARKS_FIRST: the sessions are marked before the epoch is raised
// switch NO_FINISH: nobody finishes a raise whose process has died
// switch CLEARS_ANY: a raise that is finished clears the note of a later one too

#define SESSIONS 3

byte epoch;
bool isUnfinished;
bool isStored[SESSIONS];
byte epochOf[SESSIONS];
bool isMarked[SESSIONS];

#define isRevoked(s) (isStored[s] && epochOf[s] < epoch)

// Each document by itself.
inline mark(below) {
  at = 0;
  do
  :: at < SESSIONS ->
    isMarked[at] = (isStored[at] && epochOf[at] < below -> true : isMarked[at]);
    at++
  :: else -> break
  od
}

inline finish(raised) {
  mark(raised);
  atomic {
#ifdef CLEARS_ANY
    isUnfinished = false
#else
    isUnfinished = (epoch == raised -> false : isUnfinished)
#endif
  }
}

proctype Raises(bool mayDie) {
  byte raised, at, below;
#ifdef MARKS_FIRST
  below = epoch + 1;
  mark(below);
  atomic { epoch++; raised = epoch };
#else
  atomic { epoch++; raised = epoch; isUnfinished = true };
  if
  :: mayDie -> goto done
  :: true
  fi;
  finish(raised);
#endif
  // Acknowledged: what was there before is revoked.
  assert(!(isStored[0] && epochOf[0] < raised && !isMarked[0]));
done: skip
}

// `MongooseSessionStore.insert`
proctype Makes(byte session) {
  byte seen;
  seen = epoch;
  d_step { epochOf[session] = seen; isStored[session] = true }
#ifndef NO_LOOK_AFTER
  seen = epoch;
  isMarked[session] = (epochOf[session] < seen -> true : isMarked[session])
#endif
}

// `followEpoch`: a session that is not marked is moved to the epoch that the account has now.
proctype Moves(byte session) {
  byte seen;
  atomic {
    if
    :: isMarked[session] -> goto done
    :: else -> epochOf[session] = 1
    fi
  }
#ifndef NO_LOOK_AFTER
  seen = epoch;
  isMarked[session] = (epochOf[session] < seen -> true : isMarked[session]);
#endif
done: skip
}

// The next sweep, once everybody is done or dead.
proctype AtLast() {
  byte at, raised;
  timeout;
#ifndef NO_FINISH
  if
  :: isUnfinished -> raised = epoch; finish(raised)
  :: else
  fi;
#endif
  at = 0;
  do
  :: at < SESSIONS -> assert(!isRevoked(at) || isMarked[at]); at++
  :: else -> break
  od
}

init {
  atomic {
    isStored[0] = true;
    isStored[1] = true;
    run Raises(true);
    run Raises(false);
    run Makes(2);
    run Moves(1);
    run AtLast()
  }
}
