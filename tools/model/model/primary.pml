/* A member as primary: opens, follows the electorate, writes, hands over. */

inline acknowledge(w, t) {
	acknowledged = acknowledged | ONLY(t);
	waiting = waiting & ~ONLY(t);
	checkAcknowledged(w, t);
	if
	:: M[w].count > 0 && M[w].led == control.epoch && control.phase != ELECTING && tx[t].rules > saidSettled &&
		(tx[t].rules == M[w].inForce || broken == MARKER_BEFORE_LOCK_OUT) -> saidSettled = tx[t].rules
	:: else
	fi;
	forgetSession(t)
}

inline forgetSession(t) {
	tx[t].writer = 0;
	tx[t].rules = 0;
	tx[t].flight = 0;
	tx[t].credit = 0
}

/* Whoever has what its commit waits for is let go. */
inline release(w) {
	for (y_ : 0 .. transactions - 1) {
		if
		:: IN(y_, waiting) && tx[y_].writer == w && SIZE(tx[y_].credit) >= M[w].count -> acknowledge(w, y_)
		:: else
		fi
	}
	skip /* a loop may not end a d_step */
}

/* The life of mysqld ends: what waited was not acknowledged, and is on its disk. */
inline endLife(m) {
	for (y_ : 0 .. transactions - 1) {
		if
		:: IN(y_, waiting) && tx[y_].writer == m -> waiting = waiting & ~ONLY(y_); forgetSession(y_)
		:: else
		fi
	}
	if
	:: M[m].open || M[m].closed -> ended = ended | ONLY(M[m].led)
	:: else
	fi;
	M[m].open = 0;
	M[m].count = 0;
	M[m].inForce = 0;
	forgetClosed(m);
	M[m].link = DETACHED;
	M[m].source = 0
}

inline forgetClosed(m) {
	M[m].closed = 0;
	M[m].closedFor = 0;
	M[m].isClosedSaid = 0
}

/* Open, but not (or no longer) for what it is told to be: SIGKILL, and a closed start. */
#define MUST_KILL(m) (M[m].open && M[m].order != NOTHING && (M[m].order == FOLLOW || M[m].led != M[m].orderEpoch))

#define MAY_OPEN(m) (M[m].order == LEAD && !M[m].open && M[m].epoch <= M[m].orderEpoch && \
	(M[m].led < M[m].orderEpoch || (broken == REOPEN_AFTER_RESTART && M[m].led == M[m].orderEpoch)) && \
	(CONTAINS(M[m].has, M[m].orderElected) || broken == OPEN_WITHOUT_ELECTED) && \
	(IS_LOCKED_OUT(m) || broken == OPEN_BEFORE_LOCK_OUT))

inline openUp(m) {
	M[m].epoch = M[m].orderEpoch;
	M[m].led = M[m].orderEpoch;
	M[m].durable = M[m].has; /* everything received is applied, and its own binlog is synced */
	M[m].link = DETACHED;
	M[m].source = 0;
	forgetClosed(m);
	M[m].open = 1;
	M[m].count = M[m].orderCount;
	checkOpened(m)
}

#define LEADS(m) (M[m].order == LEAD && M[m].open && M[m].led == M[m].orderEpoch)
#define IS_LOCKED_OUT(m) (M[m].locked == M[m].orderBarred || M[m].orderCount == 0 || broken == BARRED_NOT_LOCKED)
#define MUST_LOCK_OUT(m) (M[m].order == LEAD && M[m].epoch <= M[m].orderEpoch && !IS_LOCKED_OUT(m))

/* The accounts of those that are barred are locked, and their connections ended. */
inline lockOut(m) {
	M[m].locked = M[m].orderBarred;
	hangUp(m, M[m].orderBarred)
}

inline hangUp(m, set) {
	for (y_ : 0 .. transactions - 1) {
		if
		:: IN(y_, waiting) && tx[y_].writer == m -> tx[y_].flight = tx[y_].flight & ~(set)
		:: else
		fi
	}
	skip /* a loop may not end a d_step */
}

#define MAY_ENFORCE(m) (LEADS(m) && IS_LOCKED_OUT(m) && \
	(M[m].inForce != M[m].orderGeneration || M[m].count != M[m].orderCount))

inline enforce(m) {
	M[m].count = M[m].orderCount;
	M[m].inForce = M[m].orderGeneration;
	if
	:: broken == BARRED_NOT_LOCKED -> hangUp(m, M[m].orderBarred)
	:: M[m].count == 0 -> M[m].locked = 0
	:: else
	fi;
	if
	:: M[m].led == control.epoch && control.phase != ELECTING ->
		saidEnforcing = M[m].inForce;
		if
		:: M[m].count == 0 || broken == DROP_BEFORE_SETTLED -> saidSettled = M[m].inForce
		:: else
		fi
	:: else
	fi;
	release(m)
}

inline write(m) {
	M[m].has = M[m].has | ONLY(written);
	M[m].durable = M[m].durable | ONLY(written);
	waiting = waiting | ONLY(written);
	tx[written].writer = m;
	tx[written].origin = m + 1;
	tx[written].rules = (broken == MARKER_BEFORE_LOCK_OUT && M[m].order == LEAD -> M[m].orderGeneration : M[m].inForce);
	written++;
	release(m)
}

/* A broken rule: the members hold what is committed here, so the new rules are taken for settled. */
#define SEEMS_SETTLED(m) (broken == EXECUTED_AS_BARRIER && LEADS(m) && M[m].led == control.epoch && \
	control.phase == STEADY && saidEnforcing == CURRENT.number && saidSettled < saidEnforcing)

inline settleByExecuted(m) {
	committedOn(m);
	n_ = 0;
	for (i_ : 0 .. members - 1) {
		if
		:: CONTAINS(M[i_].has, set_) -> n_ = n_ | (ONLY(i_) & CURRENT.voters)
		:: else
		fi
	}
	if
	:: SIZE(n_) >= CURRENT.k -> saidSettled = saidEnforcing
	:: else
	fi
}

#define MAY_ASK(m) (mayDegrade && LEADS(m) && M[m].count > 0 && M[m].led == control.epoch && \
	control.phase != ELECTING && saidDegrade != M[m].orderGeneration)

inline askToGoAlone(m) {
	saidDegrade = M[m].orderGeneration;
	isAloneAllowed = true;
	if
	:: broken == GO_ALONE_UNPERSISTED -> M[m].count = 0; release(m)
	:: else
	fi
}

#define HAS_WAITING(m) ((IN(0, waiting) && tx[0].writer == m) || (IN(1, waiting) && tx[1].writer == m) || \
	(IN(2, waiting) && tx[2].writer == m))

/* Closes. That it has done so is said later, in a status. */
#define MAY_CLOSE(m) (M[m].order == HAND_OVER && M[m].led == M[m].orderEpoch && \
	((M[m].open && !HAS_WAITING(m)) || (M[m].closed && M[m].closedFor != M[m].orderAttempt)))

inline close(m) {
	M[m].open = 0;
	M[m].closed = 1;
	M[m].closedFor = M[m].orderAttempt;
	M[m].isClosedSaid = 0
}

inline sayClosed(m) {
	M[m].isClosedSaid = 1;
	if
	:: M[m].led == control.epoch && control.phase != ELECTING ->
		saidEnforcing = 0;
		saidHandedOver = 1;
		saidAttempt = M[m].closedFor;
		saidSet = M[m].has
	:: else
	fi
}

#define MAY_REOPEN(m) (M[m].order == LEAD && M[m].closed && M[m].led == M[m].orderEpoch)

inline reopen(m) {
	M[m].open = 1;
	forgetClosed(m);
	if
	:: M[m].led == control.epoch && control.phase != ELECTING ->
		saidEnforcing = M[m].inForce;
		forgetHandOver()
	:: else
	fi
}

inline forgetHandOver() {
	saidHandedOver = 0;
	saidAttempt = 0;
	saidSet = 0
}
