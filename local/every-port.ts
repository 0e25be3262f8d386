import type { create as convergeBilling } from '../lambdas/events/converge-billing.ts'
import type { create as countSites } from '../lambdas/events/count-sites.ts'
import type { create as followPlan } from '../lambdas/events/follow-plan.ts'
import type { create as followSiteDomains } from '../lambdas/events/follow-site-domains.ts'
import type { create as followTask } from '../lambdas/events/follow-task.ts'
import type { create as mailDomain } from '../lambdas/events/mail-domain.ts'
import type { create as mailOwner } from '../lambdas/events/mail-owner.ts'
import type { create as publishEvents } from '../lambdas/events/publish-events.ts'
import type { create as startAgain } from '../lambdas/events/start-again.ts'
import type { create as withdrawDomain } from '../lambdas/events/withdraw-domain.ts'
import type { create as operatorApi } from '../lambdas/http/operator-api.ts'
import type { create as ownerApi } from '../lambdas/http/owner-api.ts'
import type { create as publicApi } from '../lambdas/http/public-api.ts'
import type { create as actOnDeadlines } from '../lambdas/schedules/act-on-deadlines.ts'
import type { create as admitWaiting } from '../lambdas/schedules/admit-waiting.ts'
import type { create as checkDomains } from '../lambdas/schedules/check-domains.ts'
import type { create as clearLeftovers } from '../lambdas/schedules/clear-leftovers.ts'
import type { create as completeJobs } from '../lambdas/schedules/complete-jobs.ts'
import type { create as fillPool } from '../lambdas/schedules/fill-pool.ts'
import type { create as healBuilds } from '../lambdas/schedules/heal-builds.ts'
import type { create as healOperations } from '../lambdas/schedules/heal-operations.ts'
import type { create as meterStorage } from '../lambdas/schedules/meter-storage.ts'
import type { create as reconcileBilling } from '../lambdas/schedules/reconcile-billing.ts'
import type { create as reconcileSites } from '../lambdas/schedules/reconcile-sites.ts'
import type { create as archiveDueSite } from '../lambdas/tasks/archive-due-site.ts'
import type { create as awaitSite } from '../lambdas/tasks/await-site.ts'
import type { create as copyData } from '../lambdas/tasks/copy-data.ts'
import type { create as failOperation } from '../lambdas/tasks/fail-operation.ts'
import type { create as failResize } from '../lambdas/tasks/fail-resize.ts'
import type { create as failSite } from '../lambdas/tasks/fail-site.ts'
import type { create as finishOperation } from '../lambdas/tasks/finish-operation.ts'
import type { create as leaveOldSize } from '../lambdas/tasks/leave-old-size.ts'
import type { create as makeWay } from '../lambdas/tasks/make-way.ts'
import type { create as moveToSize } from '../lambdas/tasks/move-to-size.ts'
import type { create as openRestored } from '../lambdas/tasks/open-restored.ts'
import type { create as openSite } from '../lambdas/tasks/open-site.ts'
import type { create as pauseSite } from '../lambdas/tasks/pause-site.ts'
import type { create as prepareStorage } from '../lambdas/tasks/prepare-storage.ts'
import type { create as purgeDueSite } from '../lambdas/tasks/purge-due-site.ts'
import type { create as recordOwnerCopy } from '../lambdas/tasks/record-owner-copy.ts'
import type { create as releaseData } from '../lambdas/tasks/release-data.ts'
import type { create as removeFailedSite } from '../lambdas/tasks/remove-failed-site.ts'
import type { create as removeRemains } from '../lambdas/tasks/remove-remains.ts'
import type { create as restoreData } from '../lambdas/tasks/restore-data.ts'
import type { create as startRestored } from '../lambdas/tasks/start-restored.ts'
import type { create as startSite } from '../lambdas/tasks/start-site.ts'
import type { create as stopSite } from '../lambdas/tasks/stop-site.ts'
import type { create as suspendDueSite } from '../lambdas/tasks/suspend-due-site.ts'
import type { create as unpauseSite } from '../lambdas/tasks/unpause-site.ts'
import type { create as verifyCopy } from '../lambdas/tasks/verify-copy.ts'
import type { create as stripeWebhook } from '../lambdas/webhooks/stripe-webhook.ts'

type PortsOf<Create extends (ports: never) => unknown> = Parameters<Create>[0]

/** What all functions together need: functions are loaded by name, so this is where the compiler sees their ports. */
export type EveryPort = PortsOf<typeof publicApi> &
  PortsOf<typeof ownerApi> &
  PortsOf<typeof operatorApi> &
  PortsOf<typeof stripeWebhook> &
  PortsOf<typeof prepareStorage> &
  PortsOf<typeof startSite> &
  PortsOf<typeof awaitSite> &
  PortsOf<typeof openSite> &
  PortsOf<typeof failSite> &
  PortsOf<typeof removeFailedSite> &
  PortsOf<typeof publishEvents> &
  PortsOf<typeof convergeBilling> &
  PortsOf<typeof reconcileBilling> &
  PortsOf<typeof mailOwner> &
  PortsOf<typeof followTask> &
  PortsOf<typeof followPlan> &
  PortsOf<typeof makeWay> &
  PortsOf<typeof moveToSize> &
  PortsOf<typeof leaveOldSize> &
  PortsOf<typeof failResize> &
  PortsOf<typeof completeJobs> &
  PortsOf<typeof fillPool> &
  PortsOf<typeof healBuilds> &
  PortsOf<typeof meterStorage> &
  PortsOf<typeof reconcileSites> &
  PortsOf<typeof clearLeftovers> &
  PortsOf<typeof suspendDueSite> &
  PortsOf<typeof stopSite> &
  PortsOf<typeof finishOperation> &
  PortsOf<typeof failOperation> &
  PortsOf<typeof copyData> &
  PortsOf<typeof verifyCopy> &
  PortsOf<typeof archiveDueSite> &
  PortsOf<typeof releaseData> &
  PortsOf<typeof restoreData> &
  PortsOf<typeof startRestored> &
  PortsOf<typeof openRestored> &
  PortsOf<typeof purgeDueSite> &
  PortsOf<typeof removeRemains> &
  PortsOf<typeof pauseSite> &
  PortsOf<typeof unpauseSite> &
  PortsOf<typeof recordOwnerCopy> &
  PortsOf<typeof healOperations> &
  PortsOf<typeof actOnDeadlines> &
  PortsOf<typeof admitWaiting> &
  PortsOf<typeof checkDomains> &
  PortsOf<typeof followSiteDomains> &
  PortsOf<typeof mailDomain> &
  PortsOf<typeof withdrawDomain> &
  PortsOf<typeof countSites> &
  PortsOf<typeof startAgain>
