/* For two broken rules: a copy of control from some earlier time. */

#define MAY_KEEP_OLD ((broken == STALE_CONTROL_AFTER_RESTART || broken == LATE_SCHEDULER_WRITE) && oldIs == NOT_KEPT)

#define MAY_READ_OLD(m) (broken == STALE_CONTROL_AFTER_RESTART && oldIs == KEPT && M[m].order == NOTHING && MAY_READ(m, old))

inline copyControl(from, to) {
	to.phase = from.phase;
	to.epoch = from.epoch;
	to.primary = from.primary;
	to.elected = from.elected;
	to.length = from.length;
	to.nextNumber = from.nextNumber;
	to.attempt = from.attempt;
	to.target = from.target;
	to.isHandedOver = from.isHandedOver;
	to.handedOver = from.handedOver;
	for (i_ : 0 .. LISTED_MAX - 1) {
		copyGeneration(from.listed[i_], to.listed[i_])
	}
	for (i_ : 0 .. MEMBERS_MAX - 1) {
		to.barredSince[i_] = from.barredSince[i_]
	}
}

inline keepOld() {
	copyControl(control, old);
	oldIs = KEPT
}

/* A scheduler that slept since it read this writes it again, with some change that does not matter. */
inline writeOld() {
	copyControl(old, control);
	oldIs = USED;
	forgetStatements();
	forgetReports()
}
