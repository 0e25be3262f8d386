import type { SiteStore } from '../../core/ports/stores.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import type { SiteChange } from '../../core/site/lifecycle.ts'

interface ChangingPorts {
  readonly sites: SiteStore
  readonly workflows: Workflows
}

/**
 * Lets a use case decide without an effect.
 * @param act gets ports that commit and start nothing.
 * @returns the change that it would have committed; undefined if it would change nothing.
 * @throws what the use case throws.
 */
export const previewAct = async <Ports extends ChangingPorts>(
  ports: Ports,
  act: (ports: Ports) => Promise<unknown>,
): Promise<SiteChange | undefined> => {
  const changes: SiteChange[] = []
  const commit: SiteStore['commit'] = async (change) => {
    changes.push(change)
    return { done: true }
  }
  const workflows: Workflows = { ...ports.workflows, start: async () => undefined }
  await act({ ...ports, sites: { ...ports.sites, commit }, workflows })
  return changes.at(-1)
}
