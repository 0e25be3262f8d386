import type { EngineAddress } from '../../adapters/dynamodb/client.ts'
import type { Log } from '../../core/ports/context.ts'

/** The engines that the host runs itself, best first. */
export const embeddedEngines = ['dynoxide', 'dynamodb-local'] as const
export type EmbeddedEngineName = (typeof embeddedEngines)[number]

/** `endpoint` is one that somebody else runs. */
export type EngineName = EmbeddedEngineName | 'endpoint'

/** A DynamoDB that answers. The address stays the same while it runs, restarts included. */
export interface Engine extends EngineAddress {
  readonly name: EngineName
  /** Ends the engine and returns when it has ended. An `endpoint` is left as it is. */
  readonly stop: () => Promise<void>
}

export type EngineLog = Log

/** How to run an engine. */
export interface EngineProgram {
  readonly name: EmbeddedEngineName
  readonly command: string
  readonly argumentsFor: (place: { readonly port: number; readonly directory: string }) => readonly string[]
  /** What an operator should know about it. */
  readonly warning?: string
}

/** An engine's program, or why it cannot be run here: the second half of a sentence that began with its name. */
type FoundProgram = { readonly program: EngineProgram } | { readonly missing: string }

export type FindProgram = (environment: NodeJS.ProcessEnv) => Promise<FoundProgram>
