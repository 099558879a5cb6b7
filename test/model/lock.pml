// Holders of a session's lock read, think and write; one dies, and one is slower than its lease.
//
// switch NO_FENCE: a save is made whatever its fence
// switch NO_FENCE_ON_READ: the record does not remember the fence of who reads under the lock
// switch SAME_FENCE: a new lease has the fence of the one before
// switch NO_LEASE: a lock ends only when it is released
// switch RELEASE_ANY: releasing frees the lock, whoever holds it

#define HOLDERS 4

// The lease in the store: whose, and whether its time is over.
byte owner;
bool isOver;
byte lastFence;

// The session.
byte fenceOfRecord;
byte count;

// Saves that were acknowledged, and who may think that nobody else holds the lock.
byte acknowledged;
byte validHolder;
byte finished;

proctype Holder(byte me; bool mayDie) {
  byte fence, seen;
  // `SessionLocks.acquire`
  atomic {
#ifdef NO_LEASE
    owner == 0;
#else
    owner == 0 || isOver;
#endif
    assert(validHolder == 0);
    validHolder = me;
    owner = me;
    isOver = false;
#ifndef SAME_FENCE
    lastFence++;
#endif
    fence = lastFence
  }
  // `WorkingCopy.refresh`: reads, and leaves the fence in the record.
  atomic {
    if
#ifndef NO_FENCE
    :: fence < fenceOfRecord -> goto release
#endif
    :: else ->
#ifndef NO_FENCE_ON_READ
      fenceOfRecord = fence;
#endif
      seen = count
    fi
  }
  if
  :: mayDie -> goto dead
  :: true
  fi;
  // `SessionStore.update` with the fence
  atomic {
    if
#ifndef NO_FENCE
    :: fence < fenceOfRecord -> skip
#endif
    :: else ->
      fenceOfRecord = fence;
      count = seen + 1;
      acknowledged++;
      assert(count == acknowledged)
    fi
  }
release:
  // `SessionLocks.release`
  atomic {
    validHolder = (validHolder == me -> 0 : validHolder);
#ifdef RELEASE_ANY
    owner = 0;
#else
    owner = (owner == me -> 0 : owner);
#endif
  }
dead:
  finished++
}

// Any lease may end at any time.
proctype Time() {
end:
  do
  :: atomic { owner != 0 && !isOver -> isOver = true; validHolder = (validHolder == owner -> 0 : validHolder) }
  :: finished == HOLDERS -> break
  od
}

init {
  atomic {
    run Time();
    run Holder(1, true);
    run Holder(2, false);
    run Holder(3, false);
    run Holder(4, false)
  }
}
