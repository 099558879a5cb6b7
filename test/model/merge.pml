// Requests that read a session, think, and save it, while others do the same.
//
// switch NO_VERSION: the fast way replaces all data whatever the version
// switch NO_MERGE: a late save writes all that its request has read
// switch NO_WRITE_VERSION: read, merge, write writes whatever the version
// switch COUNTER_BY_COPY: a sum is computed by the request and then written
// switch NO_EXPECTED: where conflicts are rejected, the former values are not compared
// switch NO_IF_VERSION: a save for one version is made at any
// switch UPSERT: a save of a session that has ended creates it again

// The stored session.
bool exists = true;
byte version = 1;
byte a, b, sum;

// What was acknowledged. Nothing but the assertions reads it.
bool isEnded;
byte lastA, lastB, added, changes, changesOfA;

inline changed() {
  version++;
  changes++;
  assert(!isEnded);
  assert(a == lastA && b == lastB && sum == added);
}

// `SessionStore.update` with `data` and `whole`; `value` is what this request sets a to.
proctype SavesA(byte value) {
  byte seenB, seenSum, seenVersion;
  bool wasThere;
  d_step { wasThere = exists; seenB = b; seenSum = sum; seenVersion = version }
  if
  :: !wasThere -> goto done
  :: else
  fi;
  atomic {
#ifdef UPSERT
    exists = true;
#endif
    if
    :: !exists -> goto done
    :: else
    fi;
    lastA = value;
    changesOfA++;
#ifdef NO_VERSION
    a = value; b = seenB; sum = seenSum;
#else
    if
    :: version == seenVersion -> a = value; b = seenB; sum = seenSum
    :: else ->
#ifdef NO_MERGE
      a = value; b = seenB; sum = seenSum
#else
      a = value
#endif
    fi;
#endif
    changed()
  }
done: skip
}

// `MongooseSessionStore`, third step: read, merge in this process, write if the version is still the same.
proctype ReadMergeWrite(byte value) {
  byte seenA, seenSum, seenVersion;
again:
  atomic {
    if
    :: !exists -> goto done
    :: else -> seenA = a; seenSum = sum; seenVersion = version
    fi
  }
  atomic {
    if
    :: !exists -> goto done
#ifndef NO_WRITE_VERSION
    :: exists && version != seenVersion -> goto again
#endif
    :: else -> lastB = value; a = seenA; b = value; sum = seenSum; changed()
    fi
  }
done: skip
}

// `session.increment`: the store adds.
proctype Adds() {
  byte seenSum;
#ifdef COUNTER_BY_COPY
  seenSum = sum;
#endif
  atomic {
    if
    :: !exists -> goto done
    :: else
    fi;
    added++;
#ifdef COUNTER_BY_COPY
    sum = seenSum + 1;
#else
    seenSum = sum;
    sum = seenSum + 1;
#endif
    changed()
  }
done: skip
}

// `conflict: 'reject'`: the save expects the value that the request has read.
proctype RejectsConflicts(byte value) {
  byte seenA, seenChanges;
  d_step { seenA = a; seenChanges = changesOfA }
  atomic {
    if
    :: !exists -> goto done
#ifndef NO_EXPECTED
    :: exists && a != seenA -> goto done
#endif
    :: else
    fi;
    assert(changesOfA == seenChanges);
    a = value; lastA = value; changesOfA++;
    changed()
  }
done: skip
}

// `ifVersion`, by which programs save: the version that they have read.
proctype SavesVersion(byte value) {
  byte seenVersion, seenChanges;
  d_step { seenVersion = version; seenChanges = changes }
  atomic {
    if
    :: !exists -> goto done
#ifndef NO_IF_VERSION
    :: exists && version != seenVersion -> goto done
#endif
    :: else
    fi;
    assert(changes == seenChanges);
    b = value; lastB = value;
    changed()
  }
done: skip
}

proctype Ends() {
  d_step { exists = false; isEnded = true }
}

init {
  atomic {
    run SavesA(1);
    run ReadMergeWrite(2);
    run Adds();
    run Adds();
    run RejectsConflicts(3);
    run SavesVersion(4);
    run Ends()
  }
}
