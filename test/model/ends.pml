// A session is used, ends by somebody's wish or by time, and is swept; each end is told.
//
// switch NO_LIVE_CHECK: a touch does not look whether the session still lives
// switch UPSERT: a touch of a removed session stores it again
// switch ABSOLUTE_MOVES: a touch moves the idle end past the absolute end
// switch SWEEP_BLIND: a sweep removes what it has found, without another look
// switch TELL_FOUND: a sweep tells the end of what it has found, removed or not
// switch TELL_ALWAYS: an end is told by all who asked for it

#define IDLE 2
#define ABSOLUTE 3
#define LAST 4
// The clock of the process that sweeps is ahead.
#define AHEAD 1

byte now;
bool isStored = true;
byte expires = IDLE;

// What clients and listeners were told.
bool isOver;
byte told;

#define lives (isStored && expires > now)
#define soonest(x, y) (x < y -> x : y)

// Opens the session, and touches it as the answer leaves: `Lifetime.activity`, `SessionStore.update`.
proctype Visits() {
  atomic {
    if
    :: lives -> assert(!isOver && now < ABSOLUTE)
    :: else -> isOver = true; goto done
    fi
  }
  atomic {
    if
#ifdef NO_LIVE_CHECK
    :: isStored ->
#else
    :: lives ->
#endif
#ifdef ABSOLUTE_MOVES
      expires = now + IDLE
#else
      expires = soonest(now + IDLE, ABSOLUTE)
#endif
      ;
      assert(expires <= ABSOLUTE)
    :: else ->
#ifdef UPSERT
      isStored = true; expires = now + IDLE
#else
      skip
#endif
    fi
  }
done: skip
}

// `SessionWriter.end`: reads it, removes it if it lives, and tells its end if it was removed by this call.
proctype Ends() {
  bool ended;
  if
  :: lives
  :: !lives -> goto done
  fi;
  d_step {
    ended = lives;
    isStored = (lives -> false : isStored)
  }
  if
#ifdef TELL_ALWAYS
  :: true -> told++
#else
  :: ended -> told++
  :: else
#endif
  fi;
  isOver = true;
done: skip
}

// `SessionIndex.sweep`: finds what has expired, and removes it if it still has.
proctype Sweeps() {
  bool removed;
  if
  :: isStored && expires <= now + AHEAD
  :: now == LAST -> goto done
  fi;
  d_step {
#ifdef SWEEP_BLIND
    removed = isStored;
#else
    removed = isStored && expires <= now + AHEAD;
#endif
    assert(!removed || expires <= now + AHEAD);
    isStored = (removed -> false : isStored)
  }
  if
#ifdef TELL_FOUND
  :: true -> told++
#else
  :: removed -> told++
  :: else
#endif
  fi;
  isOver = (removed -> true : isOver);
done: skip
}

proctype Clock() {
  do
  :: now < LAST -> now++
  :: else -> break
  od
}

// Once everybody is done, one more sweep.
proctype AtLast() {
  timeout;
  d_step {
    told = (isStored -> told + 1 : told);
    isStored = false
  }
  assert(told == 1)
}

init {
  atomic {
    run Clock();
    run Visits();
    run Visits();
    run Ends();
    run Ends();
    run Sweeps();
    run Sweeps();
    run AtLast()
  }
}
