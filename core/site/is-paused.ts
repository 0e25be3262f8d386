import type { Site } from './site.ts'

/** Whether a site stands still for a moment and is brought back by a workflow alone: nobody else starts it or says where it is. */
export const isPaused = (site: Site | undefined): boolean =>
  site?.status === 'active' &&
  (site.operation?.kind === 'copy' || site.operation?.kind === 'resize') &&
  site.operation.pausedAt !== undefined
