// The secret of a session is renewed, with and without grace, while requests with older secrets come.
//
// switch NO_EXPECTED: a renewal does not compare the secret that it replaces
// switch FORMER_RENEWS: whoever came with the former secret gets a new one
// switch NO_END_OF_GRACE: the former secret opens the session whatever the time
// switch KEEPS_FORMER: a renewal without grace leaves the earlier former secret
// switch KEEPS_CURRENT: the secret before a renewal opens the session like the new one

#define GRACE 1
#define LAST 3
#define SECRETS 6
#define NEVER 9

byte now;
byte current = 1;
byte former, formerUntil;
byte issued = 1;

// Until when each secret may open the session, by what the answers of renewals said.
byte goodUntil[SECRETS];

// `matchSecret`
#ifdef KEEPS_CURRENT
#define isCurrent(secret) (secret == current || secret == former)
#else
#define isCurrent(secret) (secret == current)
#endif
#ifdef NO_END_OF_GRACE
#define isFormer(secret) (secret == former)
#else
#define isFormer(secret) (secret == former && now < formerUntil)
#endif

// `WorkingCopy.renew` and `SessionStore.rotate`. The client has all secrets up to `newest`.
inline renew(withGrace) {
  atomic {
    if
#ifndef NO_EXPECTED
    :: current != expected -> skip
#endif
    :: else ->
      assert(presented == current);
      issued++;
      older = 1;
      do
      :: older < issued ->
        goodUntil[older] = (older == presented && withGrace -> now + GRACE : 0);
        older++
      :: else -> break
      od;
      goodUntil[issued] = NEVER;
#ifdef KEEPS_FORMER
      former = (withGrace -> current : former);
      formerUntil = (withGrace -> now + GRACE : formerUntil);
#else
      former = (withGrace -> current : 0);
      formerUntil = (withGrace -> now + GRACE : 0);
#endif
      current = issued;
      newest = issued;
      older = 0
    fi
  }
}

// One who holds secrets: the client, and somebody who has stolen the first one.
proctype Client(bool isThief; byte requests) {
  byte newest = 1;
  byte presented, expected, older;
  bool cameWithCurrent;
  do
  :: requests > 0 ->
    requests--;
    atomic {
      presented = (isThief -> 1 : newest);
      expected = current;
      if
      :: isCurrent(presented) -> cameWithCurrent = true; assert(now < goodUntil[presented])
      :: !isCurrent(presented) && isFormer(presented) -> cameWithCurrent = false; assert(now < goodUntil[presented])
      :: else -> goto next
      fi
    }
    if
#ifdef FORMER_RENEWS
    :: true -> renew(true)
#else
    :: cameWithCurrent -> renew(true)
#endif
    :: cameWithCurrent -> renew(false)
    :: skip
    fi;
next: skip
  :: else -> break
  od
}

proctype Clock() {
  do
  :: now < LAST -> now++
  :: else -> break
  od
}

init {
  atomic {
    goodUntil[1] = NEVER;
    run Clock();
    run Client(false, 2);
    run Client(true, 1);
    run Client(true, 1)
  }
}
