import type {
  InverseOffer,
  MasterInfo,
  Offer,
  OperationStatus,
  SchedulerEvent,
  TaskStatus,
} from '../wire/generated/types.ts';
import type { Origin } from '../master/address.ts';

/**
 * Why no subscription is possible any more:
 * - `framework_removed` this framework id was torn down or its failover_timeout has passed
 * - `failed_over`       another scheduler subscribed with this framework id
 * - `unauthorized`      credentials missing or wrong, or an ACL forbids it
 * - `refused`           the master does not accept the FrameworkInfo; the message says why
 */
export type RefusalReason = 'framework_removed' | 'failed_over' | 'unauthorized' | 'refused';

/** What a framework learns from the master, in the order it was sent; ids are plain strings. */
export type MasterEvent =
  | { type: 'offers'; offers: Offer[] }
  | { type: 'inverse_offers'; inverseOffers: InverseOffer[] }
  | { type: 'rescind'; offerId: string }
  | { type: 'rescind_inverse_offer'; inverseOfferId: string }
  | { type: 'update'; status: TaskStatus }
  | { type: 'operation_update'; status: OperationStatus }
  | { type: 'message'; agentId: string; executorId: string; data: Uint8Array }
  /** An agent is gone (no `executorId`), or an executor ended with this raw wait status (256 = exit 1, 9 = SIGKILL). */
  | { type: 'failure'; agentId?: string; executorId?: string; status?: number };

/** Everything a `SchedulerConnection` tells its owner. */
export type SchedulerConnectionEvent =
  | MasterEvent
  /**
   * Calls are possible from here on. After a disconnect the master has forgotten all offers and
   * filters; send REVIVE, reconcile, and store the framework id. `origin` is where this master answered, `master`
   * what it says of itself.
   */
  | {
      type: 'subscribed';
      frameworkId: string;
      origin: Origin;
      master: MasterInfo | undefined;
      heartbeatIntervalMs: number;
    }
  /** The stream ended or could not be opened: every offer is void. The connection tries again. */
  | { type: 'disconnected'; reason: string; retryInMs: number }
  /** The connection has given up; nothing follows. */
  | { type: 'refused'; reason: RefusalReason; message: string };

/** The event in a record; undefined for SUBSCRIBED, HEARTBEAT, ERROR and what this library does not know. */
export function masterEvent(event: SchedulerEvent): MasterEvent | undefined {
  const {
    offers,
    inverseOffers,
    rescind,
    rescindInverseOffer,
    update,
    updateOperationStatus,
    message,
    failure,
  } = event;
  switch (event.type) {
    case 'OFFERS':
      return { type: 'offers', offers: offers?.offers ?? [] };
    case 'INVERSE_OFFERS':
      return { type: 'inverse_offers', inverseOffers: inverseOffers?.inverseOffers ?? [] };
    case 'RESCIND':
      return rescind && { type: 'rescind', offerId: rescind.offerId.value };
    case 'RESCIND_INVERSE_OFFER':
      return (
        rescindInverseOffer && {
          type: 'rescind_inverse_offer',
          inverseOfferId: rescindInverseOffer.inverseOfferId.value,
        }
      );
    case 'UPDATE':
      return update && { type: 'update', status: update.status };
    case 'UPDATE_OPERATION_STATUS':
      return updateOperationStatus && { type: 'operation_update', status: updateOperationStatus.status };
    case 'MESSAGE':
      return (
        message && {
          type: 'message',
          agentId: message.agentId.value,
          executorId: message.executorId.value,
          data: message.data,
        }
      );
    case 'FAILURE':
      return {
        type: 'failure',
        ...(failure?.agentId && { agentId: failure.agentId.value }),
        ...(failure?.executorId && { executorId: failure.executorId.value }),
        ...(failure?.status !== undefined && { status: failure.status }),
      };
    default:
      return undefined;
  }
}

/** What an ERROR event means; the texts are the master's own. */
export function refusalReason(message: string): RefusalReason {
  if (message.includes('has been removed')) return 'framework_removed';
  if (message.includes('failed over')) return 'failed_over';
  return /not authorized/i.test(message) ? 'unauthorized' : 'refused';
}
