/* What must hold. Each name below is one invariant; src/invariants.ts says them for people. */
hidden byte isOnVoters, isOnlyLife, isHarmless, isElectedForAll, isOpenedWithAll, isReplaceable, isStillThere;

/* The newest epoch whose primary is persisted: from that write on, those before it must not matter any more. */
#define OPENED (control.phase == ELECTING -> control.epoch - 1 : control.epoch)

/* The quorum invariant for one transaction: some listed generation has it on k of its voters, and on its primary. */
inline checkListed(t) {
	isOnVoters = false;
	for (j_ : 0 .. control.length - 1) {
		n_ = control.listed[j_].gone & control.listed[j_].voters;
		for (i_ : 0 .. members - 1) {
			if
			:: IN(t, M[i_].has) -> n_ = n_ | (ONLY(i_) & control.listed[j_].voters)
			:: else
			fi
		}
		i_ = control.listed[j_].primary;
		if
		:: SIZE(n_) >= control.listed[j_].k && (control.listed[j_].primaryGone || IN(t, M[i_].has)) -> isOnVoters = true
		:: else
		fi
	}
	assert(isOnVoters)
}

inline checkAllListed() {
	for (x_ : 0 .. transactions - 1) {
		if
		:: IN(x_, acknowledged) -> checkListed(x_)
		:: else
		fi
	}
	skip /* a loop may not end a d_step */
}

/* Searched for in every scope, and to be found: after everything that may happen has happened, life goes on. */
#define WITNESS 99
#define IS_SPENT (elections + changes + crashes + restarts + reboots + rebuilds + switchovers + locals + recounts == 0)

/* `w` acknowledges `t` to its client. */
inline checkAcknowledged(w, t) {
	isOnlyLife = !IN(M[w].led, ended);
	assert(isOnlyLife);
	/* A deposed primary acknowledges only what its successor was elected for, by an answer that was on its way. */
	isHarmless = (M[w].led == OPENED || (M[w].led < OPENED && IN(t, control.elected)));
	assert(isHarmless);
	checkListed(t);
	isStillThere = !(broken == WITNESS && IS_SPENT && M[w].led == OPENED);
	assert(isStillThere)
}

inline checkElected(set) {
	isElectedForAll = CONTAINS(set, acknowledged);
	assert(isElectedForAll)
}

inline checkOpened(w) {
	isOpenedWithAll = (M[w].led < OPENED || CONTAINS(M[w].has, acknowledged));
	assert(isOpenedWithAll)
}

/* Nobody was ever to go on alone, and no data were lost: then everybody but the primary is enough to replace it. */
inline checkReplaceable() {
	isReplaceable = (isAloneAllowed || candidates != 0 || SIZE(reported) < members - 1);
	for (j_ : 0 .. control.length - 1) {
		if
		:: control.listed[j_].gone != 0 || control.listed[j_].primaryGone -> isReplaceable = true
		:: else
		fi
	}
	assert(isReplaceable)
}
