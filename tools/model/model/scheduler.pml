/*
 * The scheduler. Each step reads the statuses, which may be old, and writes control at the version it knows: so it is
 * one step here, however long it takes. When it acts is left open, and so is why: a primary may be deposed and a voter
 * dropped for no reason at all.
 */

inline depose() {
	elections--;
	control.epoch++;
	control.phase = ELECTING;
	control.primary = NOBODY;
	forgetSwitchover();
	forgetStatements();
	forgetReports()
}

inline forgetStatements() {
	saidEnforcing = 0;
	saidSettled = 0;
	saidDegrade = 0;
	forgetHandOver()
}

inline forgetReports() {
	for (i_ : 0 .. members - 1) {
		report[i_].holds = 0;
		report[i_].votes = 0;
		report[i_].reigns = 0
	}
	reported = 0;
	outdated = 0;
	candidates = 0
}

/* One write: primary, what it was elected for, and its electorate. */
inline openEpoch(w) {
	holdsOf(w);
	n_ = 0;
	for (i_ : 0 .. members - 1) {
		if
		:: i_ != w && IN(i_, reported) && CONTAINS(held_[w], report[i_].holds) -> n_ = n_ | ONLY(i_)
		:: else
		fi
	}
	control.elected = held_[w];
	checkElected(held_[w]);
	forgetOrigins();
	set_ = outdated;
	nameElectorate(w);
	forgetReports()
}

/* What somebody was elected for is never set aside again. */
inline forgetOrigins() {
	for (j_ : 0 .. transactions - 1) {
		if
		:: IN(j_, control.elected) && broken != SET_ASIDE_OWN -> tx[j_].origin = 0
		:: else
		fi
	}
}

/* n_: who could acknowledge, set_: who of those no longer exists. */
inline nameElectorate(w) {
	control.phase = STEADY;
	control.primary = w;
	isAloneAllowed = (SIZE(n_) < wanted || wanted == 0);
	if
	:: broken == OPEN_BEFORE_ELECTORATE /* that write would come later */
	:: isAloneAllowed -> append(w, 0, 0, 0)
	:: else -> append(w, n_, set_ & n_, wanted)
	fi;
	barStrangers(w);
	forgetStatements()
}

inline append(w, set, lost, acks) {
	control.listed[control.length].number = control.nextNumber;
	control.listed[control.length].k = acks;
	control.listed[control.length].voters = set;
	control.listed[control.length].gone = lost;
	control.listed[control.length].primary = w;
	control.listed[control.length].primaryGone = 0;
	control.listed[control.length].elected = control.elected;
	control.length++;
	control.nextNumber++
}

/* Whoever is not named may still be connected to `w` since it was primary before. */
inline barStrangers(w) {
	for (i_ : 0 .. members - 1) {
		control.barredSince[i_] = (i_ == w || IN(i_, CURRENT.voters) || broken == STRANGERS_NOT_BARRED -> 0 : CURRENT.number)
	}
}

/* n_: the older generations that are superseded. */
#define MAY_DROP (control.phase != ELECTING && control.length > 1 && control.listed[0].number < saidSettled)

inline dropSettled() {
	do
	:: control.length > 1 && control.listed[0].number < saidSettled ->
		for (j_ : 1 .. control.length - 1) {
			copyGeneration(control.listed[j_], control.listed[j_ - 1])
		}
		control.length--;
		clearGeneration(control.listed[control.length])
	:: else -> break
	od;
	checkAllListed()
}

inline copyGeneration(from, to) {
	to.number = from.number;
	to.k = from.k;
	to.voters = from.voters;
	to.gone = from.gone;
	to.primary = from.primary;
	to.primaryGone = from.primaryGone;
	to.elected = from.elected
}

inline clearGeneration(which) {
	which.number = 0;
	which.k = 0;
	which.voters = 0;
	which.gone = 0;
	which.primary = 0;
	which.primaryGone = 0;
	which.elected = 0
}

#define IS_SETTLED (control.length == 1)
/* The list has room for every epoch that may still begin: nothing is ever refused for want of it. */
#define HAS_ROOM (control.length + elections + switchovers < LISTED_MAX)
#define MAY_CHANGE (control.phase == STEADY && HAS_ROOM && changes > 0 && \
	(saidEnforcing == CURRENT.number || broken == CHANGE_BEFORE_ENFORCING) && \
	(IS_SETTLED || CURRENT.k == 1 || broken == CHANGE_BEFORE_SETTLED || broken == CHANGE_BEFORE_ENFORCING))
#define MAY_LEAVE(m) (MAY_CHANGE && CURRENT.k > 0 && IN(m, CURRENT.voters))
/* Attached in this epoch, not barred, and not a voter yet. */
#define MAY_JOIN(m) (control.primary != m && M[m].link != DETACHED && M[m].source == control.primary && \
	M[m].epoch == control.epoch && (control.barredSince[m] == 0 || broken == UNBAR_UNSEEN) && \
	!IN(m, CURRENT.voters & ~CURRENT.gone))

#define MAY_ENTER(m) (MAY_CHANGE && CURRENT.k > 0 && MAY_JOIN(m) && !IN(m, CURRENT.voters))
#define MAY_SWAP(m, x) (x < members && MAY_LEAVE(m) && MAY_JOIN(x) && (CURRENT.k == 1 || broken == JOIN_AND_LEAVE_TOGETHER))

/* set_: those that leave, n_: those that join. */
inline changeVoters() {
	changes--;
	other_ = (CURRENT.voters & ~set_) | n_;
	for (i_ : 0 .. members - 1) {
		if
		:: IN(i_, other_) -> control.barredSince[i_] = 0
		:: IN(i_, set_) && !IN(i_, other_) -> control.barredSince[i_] = control.nextNumber
		:: else
		fi
	}
	append(CURRENT.primary, other_, CURRENT.gone & other_ & ~n_, CURRENT.k)
}

#define MAY_DEGRADE (control.phase == STEADY && HAS_ROOM && CURRENT.k > 0 && \
	(saidDegrade == CURRENT.number || (broken == DEGRADE_UNASKED && mayDegrade)))

inline degrade() {
	for (i_ : 0 .. members - 1) {
		if
		:: IN(i_, CURRENT.voters) -> control.barredSince[i_] = control.nextNumber
		:: else
		fi
	}
	append(CURRENT.primary, 0, 0, 0)
}

#define MAY_RECOVER (control.phase == STEADY && HAS_ROOM && changes > 0 && CURRENT.k == 0 && \
	IS_SETTLED && saidEnforcing == CURRENT.number && wanted > 0)

#define MAY_RECOUNT (MAY_CHANGE && recounts > 0 && IS_SETTLED && CURRENT.k > 0 && CURRENT.k < 3 && wanted > 0)

/* K becomes 1 where it was 2 and the other way round; so does k, as far as there are voters. */
inline recount() {
	recounts--;
	changes--;
	wanted = 3 - wanted;
	if
	:: SIZE(CURRENT.voters) >= wanted -> append(CURRENT.primary, CURRENT.voters, CURRENT.gone, wanted)
	:: else
	fi
}

/* n_: who is attached. */
inline recover() {
	changes--;
	if
	:: SIZE(n_) >= wanted -> append(CURRENT.primary, n_, 0, wanted)
	:: else
	fi
}

inline attachedOnes() {
	n_ = 0;
	for (i_ : 0 .. members - 1) {
		if
		:: MAY_JOIN(i_) -> n_ = n_ | ONLY(i_)
		:: else
		fi
	}
}

#define MAY_UNBAR(m) (control.phase == STEADY && control.barredSince[m] > 0 && M[m].epoch == control.epoch && \
	(M[m].silent >= control.barredSince[m] || broken == UNBAR_UNSEEN))
