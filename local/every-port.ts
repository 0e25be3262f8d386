import type { create as followTask } from '../lambdas/events/follow-task.ts'
import type { create as mailOwner } from '../lambdas/events/mail-owner.ts'
import type { create as publishEvents } from '../lambdas/events/publish-events.ts'
import type { create as ownerApi } from '../lambdas/http/owner-api.ts'
import type { create as publicApi } from '../lambdas/http/public-api.ts'
import type { create as fillPool } from '../lambdas/schedules/fill-pool.ts'
import type { create as healBuilds } from '../lambdas/schedules/heal-builds.ts'
import type { create as reconcileSites } from '../lambdas/schedules/reconcile-sites.ts'
import type { create as awaitSite } from '../lambdas/tasks/await-site.ts'
import type { create as failSite } from '../lambdas/tasks/fail-site.ts'
import type { create as openSite } from '../lambdas/tasks/open-site.ts'
import type { create as prepareStorage } from '../lambdas/tasks/prepare-storage.ts'
import type { create as removeFailedSite } from '../lambdas/tasks/remove-failed-site.ts'
import type { create as startSite } from '../lambdas/tasks/start-site.ts'

type PortsOf<Create extends (ports: never) => unknown> = Parameters<Create>[0]

/** What all functions together need: functions are loaded by name, so this is where the compiler sees their ports. */
export type EveryPort = PortsOf<typeof publicApi> &
  PortsOf<typeof ownerApi> &
  PortsOf<typeof prepareStorage> &
  PortsOf<typeof startSite> &
  PortsOf<typeof awaitSite> &
  PortsOf<typeof openSite> &
  PortsOf<typeof failSite> &
  PortsOf<typeof removeFailedSite> &
  PortsOf<typeof publishEvents> &
  PortsOf<typeof mailOwner> &
  PortsOf<typeof followTask> &
  PortsOf<typeof fillPool> &
  PortsOf<typeof healBuilds> &
  PortsOf<typeof reconcileSites>
