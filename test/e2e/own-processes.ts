import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findLeftovers } from '../../adapters/leftovers/find-leftovers.ts'

/** The process ids of everything that runs with a home's mark, with any parent. */
export const ownProcesses = async (
  home: string,
): Promise<{ readonly sites: readonly number[]; readonly engines: readonly number[] }> => {
  const { homeId } = JSON.parse(await readFile(join(home, 'home.json'), 'utf8')) as { homeId: string }
  const pids = async (role: 'site' | 'engine') => (await findLeftovers(homeId, role)).map(({ pid }) => pid)
  return { sites: await pids('site'), engines: await pids('engine') }
}
