import * as z from 'zod'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { isErrorOfKind, SitewrightError } from '../../../core/errors.ts'
import { isId } from '../../../core/ids.ts'
import type { ContainerEnd, ContainerLog, SiteObserver } from '../../../core/ports/runtime.ts'
import { requireOwnSite, requireSite } from '../../../core/site/change-site.ts'
import { placeOf } from '../../../core/site/location.ts'
import { isOfDraft, type Site } from '../../../core/site/site.ts'
import type { Answer } from '../../_runtime/answer.ts'
import { type OperatorPorts, type OwnerPorts, operatorEndpoint, ownerEndpoint } from '../../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../../_runtime/http-handler.ts'
import type { BlueprintReader } from '../../blueprints/ports.ts'
import type { SecretPorts } from '../../configuration/read-configuration.ts'
import { redacted } from '../evidence/evidence.ts'
import { blueprintOf, hiddenValues, hidesOutput } from '../run/prepare-launch.ts'
import { logOperations } from './operations.ts'

interface LogPorts extends SecretPorts {
  readonly blueprints: BlueprintReader
  readonly runtime: Pick<SiteObserver, 'observe' | 'readLogs'>
}

interface SiteLogs {
  readonly containers: readonly Omit<ContainerLog, 'position'>[]
  /** Pass it to get what is written afterwards. */
  readonly cursor: string
}

const positionsSchema = z.record(z.string().max(31), z.string().max(400))

const badCursor = (): SitewrightError =>
  new SitewrightError('InvalidRequest', 'The cursor is not valid. Request the last lines without a cursor.', {
    fields: [{ path: 'after', message: 'is not valid' }],
  })

const cursorOf = (positions: Readonly<Record<string, string>>): string =>
  Buffer.from(JSON.stringify(positions)).toString('base64url')

const positionsIn = (cursor: string): Record<string, string> => {
  try {
    return positionsSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
  } catch {
    throw badCursor()
  }
}

/** @throws {SitewrightError} `NotFound`. */
const requireShown = ({ logs }: Pick<Blueprint, 'logs'>): void => {
  if (logs === 'owner') return
  throw new SitewrightError('NotFound', 'The software of this site does not show its output to owners.')
}

const endText = ({ exitCode, signal, isOutOfMemory, reason }: ContainerEnd): string => {
  if (isOutOfMemory) return 'out of memory'
  return exitCode === undefined ? (signal ?? reason ?? 'an unknown end') : `exit code ${exitCode}`
}

/** The containers of a running site, for its owner. @throws {SitewrightError} as `readLogs`. */
const listContainers = async ({ blueprints, runtime }: LogPorts, site: Site) => {
  requireShown(await blueprintOf(blueprints, site))
  const seen = site.status === 'active' ? await runtime.observe(placeOf(site)) : undefined
  return (seen?.containers ?? []).map(({ name, isRunning, ends, lastEnd }) => ({
    ...{ name, isRunning, restarts: ends },
    lastEnd: lastEnd === undefined ? null : endText(lastEnd),
  }))
}

/**
 * The output of a running site without its secrets: the last lines, or those after a cursor. Nothing for a draft that was
 * replaced, and while a copy is anonymised.
 * @throws {SitewrightError} `InvalidRequest` for a cursor that we did not give out; `NotFound` for an owner whose blueprint keeps
 *   its output to operators; `RuntimeUnavailable`.
 */
export const readLogs = async (
  ports: Omit<LogPorts, 'runtime'> & { readonly runtime: Pick<SiteObserver, 'readLogs'> },
  site: Site,
  { after, reader }: { readonly after: string | undefined; readonly reader: 'operator' | 'owner' },
): Promise<SiteLogs> => {
  const positions = after === undefined ? {} : positionsIn(after)
  const blueprint = await blueprintOf(ports.blueprints, site).catch((error: unknown) => {
    if (isOfDraft(site) && isErrorOfKind(error, 'BlueprintUnknown')) return undefined
    throw error
  })
  // Its draft was replaced: nobody knows its secrets any more, so nobody may read what it may still write.
  if (blueprint === undefined) return { containers: [], cursor: cursorOf(positions) }
  if (reader === 'owner') requireShown(blueprint)
  if (hidesOutput(site)) return { containers: [], cursor: cursorOf(positions) }
  const secrets = await hiddenValues(ports, site, blueprint)
  const found = await ports.runtime.readLogs(placeOf(site), positions).catch((error: unknown) => {
    // A platform refuses a position that it did not give out.
    throw after !== undefined && isErrorOfKind(error, 'LaunchFailed') ? badCursor() : error
  })
  const next = { ...positions, ...Object.fromEntries(found.map(({ container, position }) => [container, position])) }
  return {
    containers: found.map(({ container, lines }) => ({
      container,
      lines: lines.map((line) => redacted(line, secrets)),
    })),
    cursor: cursorOf(next),
  }
}

/** Reads output for operators and owners, apart from their other operations: it alone has the sites' secrets, to hide them. */
export const create = (ports: LogPorts & OwnerPorts & OperatorPorts & HttpPorts) => {
  const find = async (id: string) => (isId('site', id) ? ports.sites.get(id) : undefined)
  const answer = (body: SiteLogs): Answer => ({ body })
  return httpHandler(
    [
      operatorEndpoint(logOperations.operatorReadLogs, ports, async ({ params, query: { after } }) =>
        answer(await readLogs(ports, requireSite(await find(params.id)), { after, reader: 'operator' })),
      ),
      ownerEndpoint(logOperations.readLogs, ports, async ({ params, query: { after } }, { session }) => {
        const site = requireOwnSite(await find(params.id), session.accountId)
        return answer(await readLogs(ports, site, { after, reader: 'owner' }))
      }),
      ownerEndpoint(logOperations.listContainers, ports, async ({ params }, { session }) => {
        const site = requireOwnSite(await find(params.id), session.accountId)
        return { body: { containers: await listContainers(ports, site) } }
      }),
    ],
    ports,
  )
}
