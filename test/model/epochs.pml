// All sessions of a user end (`UserSessions.end`), while the user signs in, somebody raises the store's epoch without the user's lock,
// and a process dies in between.
//
// switch NO_EPOCH_CHECK: the store does not compare epochs
// switch NO_LEVEL: it is not looked whether somebody else has raised the store's epoch
// switch KEPT_LAST: the kept session is moved after the store's epoch was raised
// switch KEPT_BLIND: the kept session is moved whether it lives or not
// switch EPOCH_READ_LAST: a sign-in reads the epoch after it has looked at the account
// switch NO_NOTE: nobody finishes what a dead process has begun

#define OTHER 0
#define KEPT 1
#define NEW 2

// The epochs, in the account and in the store.
byte account, store;
// The sessions in the store.
bool isStored[3];
byte epochOf[3];
bool note;

// Of a session: its end was acknowledged, or its proof of identity is older than the account's last change.
bool mustBeOver[3];
bool othersRaised, keptPromised, died;

#ifdef NO_EPOCH_CHECK
#define lives(s) (isStored[s])
#else
#define lives(s) (isStored[s] && epochOf[s] >= store)
#endif
// `SignedInUsers.find`
#define isAdmitted(s) (lives(s) && epochOf[s] >= account)
// A death just when somebody raises the store's epoch without the lock: see docs/proof.md.
#define isExcepted (died && othersRaised)
#define higher(x, y) (x > y -> x : y)

inline moveKept(epoch) {
  atomic {
    if
#ifdef KEPT_BLIND
    :: true -> isStored[KEPT] = true; epochOf[KEPT] = epoch; keeps = true
#else
    :: lives(KEPT) -> epochOf[KEPT] = epoch; keeps = true
    :: else -> keeps = false
#endif
    fi
  }
}

// `UserSessions.end`, after a change of the password: this request's session is kept.
proctype EndsAll(bool mayDie) {
  byte epoch, raised;
  bool keeps;
  note = true;
  // The account's epoch, above both.
  epoch = store;
  atomic { epoch = higher(epoch, account) + 1; account = epoch; mustBeOver[OTHER] = true }
  if
  :: mayDie -> died = true; goto done
  :: true
  fi;
#ifndef KEPT_LAST
  moveKept(epoch);
#endif
  if
  :: mayDie -> died = true; goto done
  :: true
  fi;
  atomic { store++; raised = store }
#ifdef KEPT_LAST
  moveKept(epoch);
#endif
  if
#ifndef NO_LEVEL
  :: raised != epoch ->
    d_step { isStored[KEPT] = false; keeps = false }
    atomic { store = higher(store, account); account = higher(store, account) }
#endif
  :: else
  fi;
  // Nobody is told to have kept a session that this very end has revoked.
  assert(!keeps || epochOf[KEPT] >= raised);
  d_step { keptPromised = keeps; note = false }
done: skip
}

// `SessionService.endAllOfUser`, which takes no lock.
proctype RaisesStore() {
  if
  :: goto done
  :: true
  fi;
  d_step {
    store++;
    othersRaised = true;
    mustBeOver[OTHER] = true;
    mustBeOver[KEPT] = true
  }
done: skip
}

// `AuthService.establish`: the password was checked against the account with this epoch. Its lock may have ended meanwhile.
proctype SignsIn() {
  byte proved = account;
  byte epoch;
#ifndef EPOCH_READ_LAST
  epoch = store;
  epoch = higher(epoch, proved);
#endif
  if
  :: account == proved
  :: account != proved -> goto done
  fi;
#ifdef EPOCH_READ_LAST
  epoch = store;
  epoch = higher(epoch, proved);
#endif
  atomic {
    epochOf[NEW] = epoch;
    isStored[NEW] = true;
    mustBeOver[NEW] = account != proved
  }
done: skip
}

proctype Visits() {
  byte session;
  select(session : 0 .. 2);
  // While the note is there, the end is not acknowledged.
end:
  atomic { isAdmitted(session) -> assert(!mustBeOver[session] || note || isExcepted) }
}

// `PendingEndsSweeper`, once everybody is done or dead.
proctype AtLast() {
  byte session;
  timeout;
#ifndef NO_NOTE
  if
  :: note -> d_step { store = higher(store, account); account = higher(store, account); note = false }
  :: else
  fi;
#endif
  do
  :: session < 3 ->
    // In the store too, which knows no accounts.
    assert(!(lives(session) && mustBeOver[session]) || isExcepted);
    assert(!(lives(session) && epochOf[session] < account));
    session++
  :: else -> break
  od;
  assert(!keptPromised || othersRaised || lives(KEPT));
  assert(died || othersRaised || keptPromised);
}

init {
  atomic {
    isStored[OTHER] = true;
    isStored[KEPT] = true;
    run EndsAll(true);
    run RaisesStore();
    run SignsIn();
    run Visits();
    run Visits();
    run AtLast()
  }
}
