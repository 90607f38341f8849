/* A planned switchover, as the scheduler sees it. Everything before its last write can be taken back. */

#define ACKNOWLEDGES(m) (IN(m, CURRENT.voters & ~CURRENT.gone) && M[m].link == ACKNOWLEDGING && \
	M[m].source == control.primary && M[m].epoch == control.epoch)
#define MAY_BEGIN(m) (control.phase == STEADY && switchovers > 0 && IS_SETTLED && saidEnforcing > 0 && ACKNOWLEDGES(m))

inline begin(m) {
	switchovers--;
	control.attempt++;
	control.phase = SWITCHING;
	control.target = m
}

#define MAY_NOTE_CLOSED (control.phase == SWITCHING && !control.isHandedOver && saidHandedOver && \
	(saidAttempt == control.attempt || broken == HAND_OVER_UNNAMED))

inline noteClosed() {
	control.isHandedOver = 1;
	control.handedOver = saidSet
}

#define MAY_TAKE_OVER(m) (control.phase == SWITCHING && control.target == m && \
	((control.isHandedOver && CONTAINS(M[m].has, control.handedOver)) || broken == SWITCH_BEFORE_CLOSED))

inline takeOver(m) {
	M[m].durable = M[m].durable | (control.handedOver & M[m].has); /* it has applied that */
	n_ = ONLY(control.primary);
	for (i_ : 0 .. members - 1) {
		if
		:: i_ != m && ACKNOWLEDGES(i_) -> n_ = n_ | ONLY(i_)
		:: else
		fi
	}
	if
	:: SIZE(n_) < wanted -> rollBack()
	:: else ->
		control.epoch++;
		control.elected = (broken == SWITCH_BEFORE_CLOSED -> M[m].has : control.handedOver);
		checkElected(control.elected);
		forgetOrigins();
		set_ = 0;
		nameElectorate(m);
		forgetSwitchover()
	fi
}

inline rollBack() {
	control.phase = STEADY;
	forgetSwitchover()
}

inline forgetSwitchover() {
	control.target = 0;
	control.isHandedOver = 0;
	control.handedOver = 0
}
