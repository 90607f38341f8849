#define MEMBERS_MAX 5
#define TRANSACTIONS_MAX 3
#define LISTED_MAX 4
#define NOBODY 7

/* The scope of a search, set once from the environment: one compiled checker serves all of them. */
hidden byte members, transactions, broken;
hidden byte mayDegrade, strangers, dead;

/* How often things may still happen. */
byte elections, changes, crashes, restarts, reboots, rebuilds, switchovers, locals, recounts;
/* K */
unsigned wanted : 2;

/* ---- The scheduler's record and control: one document, written at the version that was read ---- */

#define STEADY 0
#define ELECTING 1
#define SWITCHING 2

typedef Generation {
	unsigned number : 4;
	unsigned k : 2;
	unsigned voters : 5;
	/* Voters that no longer exist: their data were replaced, or their host has rebooted. */
	unsigned gone : 5;
	unsigned primary : 3;
	/* Its data were replaced. */
	unsigned primaryGone : 1;
	/* What the primary was elected for. */
	unsigned elected : 3
}

typedef Control {
	unsigned phase : 2;
	unsigned epoch : 3;
	unsigned primary : 3;
	unsigned elected : 3;
	/* The electorate, oldest first; the last one is in force. */
	Generation listed[LISTED_MAX];
	unsigned length : 3;
	unsigned nextNumber : 4;
	/* For each member that left: the generation without it; 0 for all others. */
	byte barredSince[MEMBERS_MAX];
	unsigned attempt : 2;
	unsigned target : 3;
	unsigned isHandedOver : 1;
	unsigned handedOver : 3
}

Control control;

#ifdef OLD_CONTROL
/* What a lagging server, or a scheduler that fell asleep, still has. Makes every state larger. */
Control old;
unsigned oldIs : 2;
#define NOT_KEPT 0
#define KEPT 1
#define USED 2
#endif

#define CURRENT control.listed[control.length - 1]

/* ---- Statuses, as the scheduler sees them ---- */

/* Of the primary of the present epoch. */
unsigned saidEnforcing : 4;
unsigned saidSettled : 4;
unsigned saidDegrade : 4;
/* Its last hand-over: of which attempt, and what. */
unsigned saidHandedOver : 1;
unsigned saidAttempt : 2;
unsigned saidSet : 3;

/* Of all members, in an election. */
typedef Report {
	unsigned holds : 3;
	/* Listed generations that name the reporter as a voter. */
	unsigned votes : 4;
	/* Listed generations whose primary it is. */
	unsigned reigns : 4
}
Report report[MEMBERS_MAX];
unsigned reported : 5;
/* Who has become another voter since it reported. */
unsigned outdated : 5;
/* What follows from the reports: who may win. */
unsigned candidates : 5;

/* ---- Members: an executor and its mysqld ---- */

#define NOTHING 0
#define FOLLOW 1
#define LEAD 2
#define HAND_OVER 3

#define DETACHED 0
#define ATTACHED 1
#define ACKNOWLEDGING 2

typedef Member {
	/* Transactions on its disk, and those of them that survive a power loss. */
	unsigned has : 3;
	unsigned durable : 3;
	/* Durable in the volume: the epoch it acts in, and the last one it was opened in. */
	unsigned epoch : 3;
	unsigned led : 3;
	/* Control as it was read last: from then on everything may have changed. */
	unsigned order : 2;
	unsigned orderEpoch : 3;
	unsigned orderGeneration : 4;
	unsigned orderElected : 3;
	unsigned orderSource : 3;
	unsigned orderNamed : 1;
	unsigned orderCount : 2;
	unsigned orderBarred : 5;
	unsigned orderAttempt : 2;
	/* As replica. */
	unsigned link : 2;
	unsigned source : 3;
	/* The newest generation for which it has said that it does not acknowledge. */
	unsigned silent : 4;
	/* As primary. */
	unsigned open : 1;
	unsigned count : 2;
	unsigned locked : 5;
	unsigned inForce : 4;
	/* Closed for a switchover, in the same life of mysqld. */
	unsigned closed : 1;
	unsigned closedFor : 2;
	unsigned isClosedSaid : 1
}
Member M[MEMBERS_MAX];

/* ---- Transactions; a marker is one like any other ---- */

typedef Transaction {
	/* While its session waits for acknowledgements. */
	unsigned writer : 3;
	/* The generation in force when it was written. */
	unsigned rules : 4;
	/* Members whose acknowledgement is on the wire, and has arrived. */
	unsigned flight : 5;
	unsigned credit : 5;
	/* 1 + who wrote it, as long as that member still has the data it wrote it in; 0 when nobody asks any more. */
	unsigned origin : 3
}
Transaction tx[TRANSACTIONS_MAX];
unsigned written : 2;
unsigned waiting : 3;
unsigned acknowledged : 3;

/* ---- What only the proof needs ---- */

/* Epochs whose primary's life ended. */
unsigned ended : 6;
/* The primary of this epoch has asked to go on alone, or was told to from the start. */
bool isAloneAllowed;

/* Scratch, meaningless between steps. */
hidden byte i_, j_, x_, y_, n_, set_, other_;
hidden byte held_[MEMBERS_MAX];
hidden byte ok_;
