/* The newest epoch whose primary is persisted: from that write on, those before it must not matter any more. */
#define OPENED (control.phase == ELECTING -> control.epoch - 1 : control.epoch)

/* QI for one transaction: some listed generation has it on k of its voters, and on its primary. */
inline checkListed(t) {
	isOnVoters_ = false;
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
		:: SIZE(n_) >= control.listed[j_].k && (control.listed[j_].primaryGone || IN(t, M[i_].has)) -> isOnVoters_ = true
		:: else
		fi
	}
	assert(isOnVoters_)
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

/* `w` acknowledges `t` to its client. */
inline checkAcknowledged(w, t) {
	/* One life of one mysqld for each epoch. */
	assert(!IN(M[w].led, ended));
	/* A deposed primary: only what its successor was elected for, by an answer that was on its way. */
	assert(M[w].led == OPENED || (M[w].led < OPENED && IN(t, control.elected)));
	checkListed(t)
}

inline checkElected(set) {
	assert(CONTAINS(set, acknowledged))
}

inline checkOpened(w) {
	assert(M[w].led < OPENED || CONTAINS(M[w].has, acknowledged))
}

/* Nobody ever went on alone, no data were lost: then everybody but the primary must be enough to replace it. */
inline checkReplaceable() {
	isReplaceable_ = isAloneAllowed || CANDIDATES != 0 || SIZE(reported) < members - 1;
	for (j_ : 0 .. control.length - 1) {
		if
		:: control.listed[j_].gone != 0 || control.listed[j_].primaryGone -> isReplaceable_ = true
		:: else
		fi
	}
	assert(isReplaceable_)
}
