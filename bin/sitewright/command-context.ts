import type { Api } from './api.ts'
import type { Site } from './site.ts'

/** What a command reads and where it writes, which need not be a terminal. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  /** Results. */
  readonly print: (line: string) => void
  /** Questions and errors. */
  readonly say: (text: string) => void
  /** For a command that cleans up when it is told to end, within so long; others end at once. @returns what tells it. */
  readonly endInOrder?: (milliseconds: number) => AbortSignal
}

export interface Shared {
  readonly json: boolean
  readonly file: string
  readonly site?: string
  readonly branch?: string
}

/** What commands share. */
export interface CommandContext {
  readonly terminal: Terminal
  readonly shared: () => Shared
  readonly show: (value: object, text: string) => void
  /** Says what goes on. */
  readonly note: (line: string) => void
  /** The site that the command line names, or an environment of it. */
  readonly find: (environment?: string) => Promise<{ readonly api: Api; readonly site: Site }>
}
