/*
 * What can be broken on purpose: with `broken` set to one of these the named rule is left out, and a search has to find
 * a history that goes wrong. 0 breaks nothing.
 */
#define JOIN_AND_LEAVE_TOGETHER 1 // k = 2: one generation both adds and drops a voter
#define CHANGE_BEFORE_ENFORCING 2 // k = 2: a generation is appended before the primary follows the one before it
#define CHANGE_BEFORE_SETTLED 3 // k = 2: a generation is appended before the one before it has settled
#define BARRED_NOT_LOCKED 4 // a leaver's connection is ended once, but it may come back
#define MARKER_BEFORE_LOCK_OUT 5 // a marker counts for a generation whose leavers are not locked out yet
#define EXECUTED_AS_BARRIER 6 // "the voters hold gtid_executed" instead of an acknowledged marker
#define DROP_BEFORE_SETTLED 7 // older generations are dropped when the new one is in force
#define UNBAR_UNSEEN 8 // a leaver is unlocked before it has said that it is silent
#define SILENT_TOO_EARLY 9 // it says so while its connection still acknowledges
#define ACKNOWLEDGE_UNNAMED 10 // a member acknowledges before a generation names it
#define ELECT_BEFORE_REVOKING 11 // members report first and stop receiving later
#define ELECT_BEFORE_BOUND 12 // one report fewer than the bound
#define ELECT_ON_EXECUTED 13 // reports leave out what was received but not applied
#define EARLIER_PRIMARY_SUFFICES 14 // a primary's report counts for generations after its own, too
#define EMPTY_WINNER_COUNTS 15 // a primary that lost what it was elected for counts as primary
#define AMNESIAC_VOTES 16 // a voter whose host rebooted votes
#define REBUILT_VOTES 17 // a voter whose data were replaced votes
#define OPEN_BEFORE_ELECTORATE 18 // the winner may acknowledge before its generation is persisted
#define OPEN_WITHOUT_ELECTED 19 // the winner does not check what it was elected for
#define REOPEN_AFTER_RESTART 20 // a primary that restarted opens again in the epoch that it led
#define STALE_CONTROL_AFTER_RESTART 21 // a restarted executor acts on what a lagging ZooKeeper server shows
#define LATE_SCHEDULER_WRITE 22 // a scheduler's write is not checked against the version it read
#define DEGRADE_UNASKED 23 // the scheduler lets the primary go alone though it did not ask
#define GO_ALONE_UNPERSISTED 24 // the primary stops waiting as soon as it has asked
#define HAND_OVER_UNNAMED 25 // a hand-over counts for whatever switchover is under way
#define SWITCH_BEFORE_CLOSED 26 // the target takes over with what it has, before the primary has closed
#define SET_ASIDE_OWN 27 // everything a replica wrote itself is set aside, also what it wrote as primary
#define STRANGERS_NOT_BARRED 28 // a new epoch bars nobody
#define OPEN_BEFORE_LOCK_OUT 29 // the winner opens before it has locked out who is barred
