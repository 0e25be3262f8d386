import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { jsonOf } from '../../core/json.ts'
import type { Log } from '../../core/ports/context.ts'
import { replaceFile, unfinishedSuffix } from '../durable-files/replace-file.ts'

/** An id that makes a good file name is one; any other is hashed. */
const fileNameOf = (id: string): string => {
  const name = /^[a-z0-9_-]{1,120}$/.test(id) ? id : `sha256-${createHash('sha256').update(id).digest('hex')}`
  return `${name}.json`
}

const byAge = (a: StoredMessage, b: StoredMessage): number =>
  a.sentAt === b.sentAt ? (a.id < b.id ? -1 : 1) : a.sentAt < b.sentAt ? -1 : 1

const parse = (text: string): StoredMessage | undefined => storedMessageSchema.safeParse(jsonOf(text)).data

const load = async (directory: string, log: Log): Promise<readonly StoredMessage[]> => {
  const messages: StoredMessage[] = []
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    if (name.endsWith(unfinishedSuffix)) await rm(path, { force: true })
    if (!name.endsWith('.json')) continue
    const message = parse(await readFile(path, 'utf8'))
    if (message === undefined) log.error({ path }, 'a stored mail cannot be understood; it is left where it is')
    else messages.push(message)
  }
  return messages.toSorted(byAge)
}

/** @param keep how many messages that nothing is left to do for are kept, the newest; the others are deleted. */
export const openSpool = async (directory: string, keep: number, log: Log) => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const messages = new Map((await load(directory, log)).map((message) => [message.id, message]))

  const remove = async (id: string): Promise<void> => {
    await rm(join(directory, fileNameOf(id)), { force: true })
    messages.delete(id)
  }
  const prune = async (): Promise<void> => {
    const done = [...messages.values()].filter((message) => !awaitsDelivery(message))
    for (const { id } of done.slice(0, Math.max(0, done.length - keep))) await remove(id)
  }
  await prune()

  return {
    get: (id: string): StoredMessage | undefined => messages.get(id),
    /** Oldest first. */
    all: (): readonly StoredMessage[] => [...messages.values()],
    remove,
    /** Replaces what was stored under its id; on the disk when it returns. */
    put: async (message: StoredMessage): Promise<void> => {
      await replaceFile(join(directory, fileNameOf(message.id)), JSON.stringify(message))
      messages.set(message.id, message)
      // Not each time: looking for what is superfluous goes through all of them.
      if (messages.size > keep && messages.size % Math.ceil(keep / 20) === 0) {
        await prune().catch((error: unknown) => log.warn({ error: String(error) }, 'old mail could not be deleted'))
      }
    },
  }
}

export type Spool = Awaited<ReturnType<typeof openSpool>>

const instant = z.iso.datetime({ precision: 3 })

/**
 * A message and its status. `stored`: kept to be read here. `pending`: not tried yet. `failing`: will be tried again.
 * `delivered` and `undeliverable` are final; only what identifies the message is kept then.
 */
const storedMessageSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: z.string().min(1),
  siteId: z.string().optional(),
  to: z.string(),
  sender: z.string().optional(),
  replyTo: z.string().optional(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  code: z.string().optional(),
  links: z.array(z.string()).readonly(),
  /** When it is of no more use. */
  expiresAt: instant.optional(),
  /** When the message was taken over. */
  sentAt: instant,
  status: z.enum(['stored', 'pending', 'failing', 'delivered', 'undeliverable']),
  /** How often delivery was tried. */
  attempts: z.int().nonnegative(),
  /** When its status last changed. */
  updatedAt: instant,
  /** The error of the last attempt, for operators. */
  lastError: z.string().optional(),
})
export type StoredMessage = z.infer<typeof storedMessageSchema>

/** Whether there is something left to do for it. */
export const awaitsDelivery = ({ status }: StoredMessage): boolean => status === 'pending' || status === 'failing'

/** `refused` is final; a `postponed` message may go through later. */
export type DeliveryOutcome =
  | { readonly outcome: 'delivered' }
  | { readonly outcome: 'refused' | 'postponed'; readonly reason: string }

/** The rest of a message after its end: enough to recognize it, without code and text. */
export const withoutContent = ({ code, ...message }: StoredMessage): StoredMessage => ({
  ...message,
  subject: code ? message.subject.replaceAll(code, '…') : message.subject,
  text: '',
  html: '',
  links: [],
})

export const afterAttempt = (message: StoredMessage, result: DeliveryOutcome, updatedAt: string): StoredMessage => {
  const { lastError: _, ...tried } = { ...message, attempts: message.attempts + 1, updatedAt }
  if (result.outcome === 'delivered') return { ...withoutContent(tried), status: 'delivered' }
  if (result.outcome === 'postponed') return { ...tried, status: 'failing', lastError: result.reason }
  return { ...withoutContent(tried), status: 'undeliverable', lastError: result.reason }
}
