/* Answers to an election, and what follows from them. */

#define MUST_ANSWER(m) (control.phase == ELECTING && M[m].epoch <= control.epoch && \
	(!IN(m, reported) || IN(m, outdated)))

/* Stops receiving, or being primary; makes the epoch durable; reports. In that order. */
inline answer(m) {
	if
	:: broken == ELECT_BEFORE_REVOKING
	:: else -> endLife(m)
	fi;
	M[m].epoch = control.epoch;
	forgetOrder(m);
	report[m].holds = (broken == ELECT_ON_EXECUTED -> M[m].durable : M[m].has);
	report[m].votes = 0;
	report[m].reigns = 0;
	for (j_ : 0 .. control.length - 1) {
		if
		:: IN(m, control.listed[j_].voters & ~control.listed[j_].gone) -> report[m].votes = report[m].votes | ONLY(j_)
		:: else
		fi;
		if
		:: control.listed[j_].primary == m && !control.listed[j_].primaryGone &&
			(CONTAINS(M[m].has, control.listed[j_].elected) || broken == EMPTY_WINNER_COUNTS) ->
			report[m].reigns = report[m].reigns | ONLY(j_)
		:: else
		fi
	}
	reported = reported | ONLY(m);
	outdated = outdated & ~ONLY(m);
	countBallot();
	checkReplaceable()
}

#define MUST_STILL_STOP(m) (broken == ELECT_BEFORE_REVOKING && control.phase == ELECTING && IN(m, reported) && \
	(M[m].link != DETACHED || M[m].open))

#define IS_COUNTED(m) (IN(m, reported) && (report[m].votes != 0 || report[m].reigns != 0))

/* Whoever contains reports that satisfy the bound has everything acknowledged. */
inline countBallot() {
	candidates = 0;
	for (i_ : 0 .. members - 1) {
		holdsOf(i_)
	}
	for (x_ : 0 .. members - 1) {
		if
		:: IS_COUNTED(x_) ->
			set_ = 0;
			for (i_ : 0 .. members - 1) {
				if
				:: IS_COUNTED(i_) && CONTAINS(held_[x_], held_[i_]) -> set_ = set_ | ONLY(i_)
				:: else
				fi
			}
			isBound();
			if
			:: ok_ -> candidates = candidates | ONLY(x_)
			:: else
			fi
		:: else
		fi
	}
}

/*
 * held_: what counts of a report. What a member wrote itself, but not as primary of the last epoch, was acknowledged
 * only if that epoch's primary was elected for it.
 */
inline holdsOf(m) {
	held_[m] = report[m].holds;
	for (y_ : 0 .. transactions - 1) {
		if
		:: tx[y_].origin == m + 1 && !IN(control.length - 1, report[m].reigns) &&
			(!IN(y_, control.elected) || broken == SET_ASIDE_OWN) -> held_[m] = held_[m] & ~ONLY(y_)
		:: else
		fi
	}
}

/* ok_: those in set_ hold everything acknowledged in each listed generation. */
inline isBound() {
	ok_ = true;
	for (j_ : 0 .. control.length - 1) {
		n_ = 0;
		y_ = 0; /* its primary, or a later one, is counted */
		for (i_ : 0 .. members - 1) {
			if
			:: IN(i_, set_) ->
				n_ = n_ + IN(j_, report[i_].votes);
				if
				:: (report[i_].reigns >> j_) != 0 || (broken == EARLIER_PRIMARY_SUFFICES && report[i_].reigns != 0) -> y_ = 1
				:: else
				fi
			:: else
			fi
		}
		if
		:: y_ || (control.listed[j_].k > 0 && n_ + control.listed[j_].k + (broken == ELECT_BEFORE_BOUND) > SIZE(control.listed[j_].voters))
		:: else -> ok_ = false
		fi
	}
}
