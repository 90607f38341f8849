/*
 * Cotton's failover protocol, as small as it can be and still lose a transaction: docs/decisions/electorate-of-generations.md
 * says what is modelled and what is not. `broken` (rules.pml) leaves one rule out.
 */
#include "sets.pml"
#include "rules.pml"
#include "state.pml"
#include "proof.pml"
#include "primary.pml"
#include "replica.pml"
#include "election.pml"
#include "scheduler.pml"
#include "switchover.pml"
#include "old-control.pml"

c_decl {
\#include <stdlib.h>
static int setting(const char *name) { const char *value = getenv(name); return value ? atoi(value) : 0; }
}

#define CURRENT_OF(document) document.listed[document.length - 1]

/* Reads a copy of control as it stands there, for acting on it later. */
#define MAY_READ(m, document) (document.phase != ELECTING && document.epoch >= M[m].epoch && \
	(document.primary == m -> \
		M[m].order != (document.phase == STEADY -> LEAD : HAND_OVER) || M[m].orderAttempt != document.attempt || \
			M[m].orderBarred != BARRED(document) : \
		M[m].order != FOLLOW) || \
	(document.phase != ELECTING && document.epoch >= M[m].epoch && \
	(M[m].orderEpoch != document.epoch || M[m].orderGeneration != CURRENT_OF(document).number)))
#define BARRED(document) ((document.barredSince[0] > 0) + 2 * (document.barredSince[1] > 0) + \
	4 * (document.barredSince[2] > 0) + 8 * (document.barredSince[3] > 0) + 16 * (document.barredSince[4] > 0))

inline readControl(m, document) {
	M[m].orderEpoch = document.epoch;
	M[m].orderGeneration = CURRENT_OF(document).number;
	M[m].orderElected = document.elected;
	M[m].orderSource = 0;
	M[m].orderNamed = 0;
	M[m].orderCount = 0;
	M[m].orderBarred = 0;
	M[m].orderAttempt = 0;
	if
	:: document.primary == m ->
		M[m].order = (document.phase == STEADY -> LEAD : HAND_OVER);
		M[m].orderCount = CURRENT_OF(document).k;
		M[m].orderBarred = BARRED(document);
		M[m].orderAttempt = document.attempt
	:: else ->
		M[m].order = FOLLOW;
		M[m].orderSource = document.primary;
		M[m].orderNamed = IN(m, CURRENT_OF(document).voters & ~CURRENT_OF(document).gone)
	fi
}


proctype member(byte m) {
end:
	do
	:: d_step { MAY_READ(m, control) -> printf("member %d reads control\n", m); readControl(m, control) }
	:: d_step { MUST_ANSWER(m) -> printf("member %d stops and reports\n", m); answer(m) }

	:: d_step { MUST_FOLLOW(m) -> printf("member %d follows, as it was told\n", m); follow(m) }
	:: d_step { MAY_RECEIVE(m) -> printf("member %d receives a transaction\n", m); receive(m) }
	:: d_step { MAY_ARRIVE(m, 0) -> printf("member %d is heard to have transaction 0\n", m); arrive(m, 0) }
	:: d_step { MAY_ARRIVE(m, 1) -> printf("member %d is heard to have transaction 1\n", m); arrive(m, 1) }
	:: d_step { MAY_ARRIVE(m, 2) -> printf("member %d is heard to have transaction 2\n", m); arrive(m, 2) }

	:: d_step { MUST_KILL(m) -> printf("member %d kills its mysqld\n", m); endLife(m) }
	:: d_step { MAY_OPEN(m) -> printf("member %d opens\n", m); openUp(m) }
	:: d_step { MUST_LOCK_OUT(m) -> printf("member %d locks out who is barred\n", m); lockOut(m) }
	:: d_step { MAY_ENFORCE(m) -> printf("member %d has the generation in force\n", m); enforce(m) }
	:: d_step { M[m].open && written < transactions -> printf("member %d writes a transaction\n", m); write(m) }
	:: d_step { MAY_ASK(m) -> printf("member %d asks to go on alone\n", m); askToGoAlone(m) }
	:: d_step { MAY_CLOSE(m) -> printf("member %d closes\n", m); close(m) }
	:: d_step { M[m].closed && !M[m].isClosedSaid -> printf("member %d says that it is closed\n", m); sayClosed(m) }
	:: d_step { MAY_REOPEN(m) -> printf("member %d opens again\n", m); reopen(m) }

	:: d_step { crashes > 0 && (M[m].open || M[m].closed) -> printf("member %d crashes\n", m); crashes--; endLife(m) }
	:: d_step { restarts > 0 -> printf("member %d has its executor restarted\n", m); restarts--; restart(m) }
	:: d_step { reboots > 0 -> printf("member %d loses power\n", m); reboots--; reboot(m) }
	:: d_step { rebuilds > 0 && MAY_REBUILD(m) -> printf("member %d is rebuilt\n", m); rebuilds--; rebuild(m) }
	:: d_step { MAY_WRITE_LOCALLY(m) -> printf("member %d writes locally\n", m); locals--; writeLocally(m) }

	:: d_step { MUST_STILL_STOP(m) -> printf("member %d stops only now\n", m); endLife(m) }
	:: d_step { SEEMS_SETTLED(m) -> printf("member %d looks at gtid_executed\n", m); settleByExecuted(m) }
#ifdef OLD_CONTROL
	:: d_step { MAY_READ_OLD(m) -> printf("member %d reads a lagging server\n", m); readControl(m, old); oldIs = USED }
#endif

	/* What the scheduler decides about it: one scheduler, because each step is one. */
	:: d_step { control.primary == m && elections > 0 -> printf("member %d is deposed\n", m); depose() }
	:: d_step { IN(m, candidates) -> printf("member %d is elected\n", m); openEpoch(m) }
	:: d_step { control.primary == m && MAY_DROP -> printf("superseded generations are dropped\n"); dropSettled() }

	:: d_step { MAY_LEAVE(m) && SIZE(CURRENT.voters) > CURRENT.k -> printf("member %d leaves\n", m); set_ = ONLY(m); n_ = 0; changeVoters() }
	:: d_step { MAY_ENTER(m) -> printf("member %d joins\n", m); set_ = 0; n_ = ONLY(m); changeVoters() }
	:: d_step { MAY_SWAP(m, 0) -> printf("member %d leaves for 0\n", m); set_ = ONLY(m); n_ = ONLY(0); changeVoters() }
	:: d_step { MAY_SWAP(m, 1) -> printf("member %d leaves for 1\n", m); set_ = ONLY(m); n_ = ONLY(1); changeVoters() }
	:: d_step { MAY_SWAP(m, 2) -> printf("member %d leaves for 2\n", m); set_ = ONLY(m); n_ = ONLY(2); changeVoters() }
	:: d_step { MAY_SWAP(m, 3) -> printf("member %d leaves for 3\n", m); set_ = ONLY(m); n_ = ONLY(3); changeVoters() }
	:: d_step { MAY_SWAP(m, 4) -> printf("member %d leaves for 4\n", m); set_ = ONLY(m); n_ = ONLY(4); changeVoters() }
	:: d_step { MAY_UNBAR(m) -> printf("member %d is unbarred\n", m); control.barredSince[m] = 0 }
	:: d_step { control.primary == m && MAY_DEGRADE -> printf("member %d may go on alone\n", m); degrade() }
	:: d_step { control.primary == m && MAY_RECOVER -> printf("member %d is to wait for acknowledgements\n", m); attachedOnes(); recover() }
	:: d_step { control.primary == m && MAY_RECOUNT -> printf("k changes\n"); recount() }

	:: d_step { MAY_BEGIN(m) -> printf("member %d is to take over\n", m); begin(m) }
	:: d_step { control.primary == m && MAY_NOTE_CLOSED -> printf("the hand-over is noted\n"); noteClosed() }
	:: d_step { MAY_TAKE_OVER(m) -> printf("member %d takes over\n", m); takeOver(m) }
	:: d_step { control.primary == m && control.phase == SWITCHING -> printf("the switchover is rolled back\n"); rollBack() }

#ifdef OLD_CONTROL
	:: d_step { control.primary == m && MAY_KEEP_OLD -> printf("somebody falls asleep over control\n"); keepOld() }
	:: d_step { m == 0 && broken == LATE_SCHEDULER_WRITE && oldIs == KEPT -> printf("and writes it again\n"); writeOld() }
#endif
	od
}

/*
 * Member 0 is the primary of epoch 1 and has opened; all others follow it, but for strangers, which have heard of nothing
 * since member 1 was primary once. Dead ones only stand there.
 */
init {
	c_code {
		members = setting("MEMBERS");
		transactions = setting("TRANSACTIONS");
		broken = setting("BROKEN");
		mayDegrade = setting("DEGRADE");
		strangers = setting("STRANGERS");
		dead = setting("DEAD");
		now.wanted = setting("K");
		now.elections = setting("ELECTIONS");
		now.changes = setting("CHANGES");
		now.crashes = setting("CRASHES");
		now.restarts = setting("RESTARTS");
		now.reboots = setting("REBOOTS");
		now.rebuilds = setting("REBUILDS");
		now.switchovers = setting("SWITCHOVERS");
		now.locals = setting("LOCALS");
		now.recounts = setting("RECOUNTS");
		now.control.listed[0].voters = setting("VOTERS");
		now.control.listed[0].k = setting("ACKS");
	};
	d_step {
		control.epoch = 1;
		control.length = 1;
		control.listed[0].number = 1;
		control.nextNumber = 2;
		isAloneAllowed = (CURRENT.k == 0);
		saidEnforcing = 1;
		saidSettled = 1;
		for (x_ : 0 .. members - 1) {
			if
			:: IN(x_, strangers) -> M[x_].link = ACKNOWLEDGING; M[x_].source = 1
			:: else -> M[x_].epoch = 1; readControl(x_, control)
			fi;
			if
			:: IN(x_, strangers)
			:: x_ == 0 -> M[x_].led = 1; M[x_].open = 1; M[x_].count = CURRENT.k; M[x_].inForce = 1
			:: M[x_].orderNamed -> M[x_].link = ACKNOWLEDGING
			:: else -> M[x_].link = ATTACHED; M[x_].silent = 1
			fi
		}
	}
	atomic {
		for (x_ : 0 .. members - 1) {
			if
			:: !IN(x_, dead) -> run member(x_)
			:: else
			fi
		}
	}
}
