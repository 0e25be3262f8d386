import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import type { BlueprintStatus } from './blueprint-status.ts'

export interface BlueprintReader {
  readonly get: (name: string, version: number) => Promise<Blueprint | undefined>
  readonly latest: (name: string) => Promise<Blueprint | undefined>
  /** All published versions or so many of the newest, the oldest first. */
  readonly versions: (name: string, newest?: number) => Promise<readonly Blueprint[]>
  /** The draft and the availability of a blueprint; strongly consistent. */
  readonly status: (name: string) => Promise<BlueprintStatus | undefined>
}

export interface BlueprintNames {
  /** All blueprints of which a draft or an image was known, or those whose draft is to be tried; in the order of their names. */
  readonly names: (list: 'all' | 'drafts') => Promise<readonly string[]>
}

export interface BlueprintStore extends BlueprintReader, BlueprintNames {
  /** Idempotent for the same content. @throws {SitewrightError} `BlueprintInvalid` if the version has other content. */
  readonly publish: (blueprint: Blueprint) => Promise<void>
  /** @returns false if it was changed since the version before. */
  readonly saveStatus: (status: BlueprintStatus) => Promise<boolean>
}
