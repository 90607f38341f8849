/* A member as replica: follows, receives, acknowledges; and what can happen to its data. */

#define MUST_POINT(m) (M[m].link == DETACHED || M[m].epoch < M[m].orderEpoch || M[m].source != M[m].orderSource)
#define LINK_WANTED(m) (M[m].orderNamed || broken == ACKNOWLEDGE_UNNAMED -> ACKNOWLEDGING : ATTACHED)
#define MUST_FALL_SILENT(m) (!M[m].orderNamed && M[m].silent < M[m].orderGeneration)

#define MUST_FOLLOW(m) (M[m].order == FOLLOW && !M[m].open && M[m].epoch <= M[m].orderEpoch && \
	(MUST_POINT(m) || M[m].link != LINK_WANTED(m) || MUST_FALL_SILENT(m)))

/* Compares, points, and switches its acknowledging by a restart of the receiver. */
inline follow(m) {
	x_ = M[m].orderSource;
	committedOn(x_);
	if
	:: MUST_POINT(m) && !CONTAINS(set_ | M[m].orderElected, M[m].has) ->
		if
		:: M[m].orderNamed /* still counted on: its data stay */
		:: else ->
			M[m].epoch = M[m].orderEpoch;
			M[m].has = set_;
			M[m].durable = set_;
			replaceData(m);
			point(m)
		fi
	:: else -> M[m].epoch = M[m].orderEpoch; point(m)
	fi
}

inline point(m) {
	M[m].count = 0;
	M[m].inForce = 0;
	forgetClosed(m);
	M[m].source = x_;
	if
	:: broken == SILENT_TOO_EARLY && MUST_FALL_SILENT(m) && M[m].link == ACKNOWLEDGING
	:: else -> M[m].link = LINK_WANTED(m)
	fi;
	if
	:: !M[m].orderNamed -> M[m].silent = M[m].orderGeneration
	:: else
	fi
}

/* What `m` has committed: `gtid_executed` lacks what waits for acknowledgements. */
inline committedOn(m) {
	set_ = M[m].has;
	for (y_ : 0 .. transactions - 1) {
		if
		:: IN(y_, waiting) && tx[y_].writer == m -> set_ = set_ & ~ONLY(y_)
		:: else
		fi
	}
}

#define MAY_RECEIVE(m) (M[m].link != DETACHED && !IN(m, M[M[m].source].locked) && !CONTAINS(M[m].has, M[M[m].source].has))

/* In the source's order. An acknowledgement is sent for what a session waits for. */
inline receive(m) {
	x_ = M[m].source;
	y_ = M[x_].has & ~M[m].has;
	y_ = INDEX(LOWEST(y_));
	M[m].has = M[m].has | ONLY(y_);
	if
	:: M[m].link == ACKNOWLEDGING && IN(y_, waiting) && tx[y_].writer == x_ -> tx[y_].flight = tx[y_].flight | ONLY(m)
	:: else
	fi
}

#define MAY_ARRIVE(m, t) (IN(t, waiting) && IN(m, tx[t].flight))

/* It stands for everything before it, too. */
inline arrive(m, t) {
	x_ = tx[t].writer;
	for (j_ : 0 .. t) {
		if
		:: IN(j_, waiting) && tx[j_].writer == x_ ->
			tx[j_].flight = tx[j_].flight & ~ONLY(m);
			tx[j_].credit = tx[j_].credit | ONLY(m)
		:: else
		fi
	}
	release(x_)
}

/* Its data are others now, with another server UUID. */
inline replaceData(m) {
	if
	:: broken == REBUILT_VOTES
	:: else ->
		becomeAnotherVoter(m);
		for (j_ : 0 .. control.length - 1) {
			if
			:: control.listed[j_].primary == m -> control.listed[j_].primaryGone = 1
			:: else
			fi
		}
		for (j_ : 0 .. transactions - 1) {
			if
			:: tx[j_].origin == m + 1 -> tx[j_].origin = 0
			:: else
			fi
		}
	fi
}

inline becomeAnotherVoter(m) {
	M[m].orderNamed = 0;
	outdated = outdated | (ONLY(m) & reported);
	for (j_ : 0 .. control.length - 1) {
		control.listed[j_].gone = control.listed[j_].gone | (ONLY(m) & control.listed[j_].voters)
	}
}

/* CLONE from the source, for whatever reason; one that is counted on is not touched. */
#define MAY_REBUILD(m) (M[m].order == FOLLOW && M[m].link != DETACHED && !MUST_POINT(m))

inline rebuild(m) {
	x_ = M[m].source;
	committedOn(x_);
	M[m].has = set_;
	M[m].durable = set_;
	replaceData(m);
	M[m].link = DETACHED
}

/* The executor starts anew, and mysqld with it. */
inline restart(m) {
	endLife(m);
	forgetOrder(m)
}

inline forgetOrder(m) {
	M[m].order = NOTHING;
	M[m].orderEpoch = 0;
	M[m].orderGeneration = 0;
	M[m].orderElected = 0;
	M[m].orderSource = 0;
	M[m].orderNamed = 0;
	M[m].orderCount = 0;
	M[m].orderBarred = 0;
	M[m].orderAttempt = 0
}

/* Its host loses power, and with it the end of the relay log. */
inline reboot(m) {
	restart(m);
	M[m].has = M[m].durable;
	if
	:: broken == AMNESIAC_VOTES
	:: else -> becomeAnotherVoter(m)
	fi
}

#define MAY_WRITE_LOCALLY(m) (locals > 0 && M[m].order == FOLLOW && written < transactions)

/* A tenant writes on a replica what never leaves it unless it is elected. */
inline writeLocally(m) {
	M[m].has = M[m].has | ONLY(written);
	M[m].durable = M[m].durable | ONLY(written);
	tx[written].origin = m + 1;
	written++
}
