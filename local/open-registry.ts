import { join } from 'node:path'
import { createPushedImages } from '../adapters/containers/pushed-images.ts'
import { createImageFiles } from '../adapters/registry/image-files.ts'
import { createPushTokens } from '../adapters/registry/push-tokens.ts'
import { createRegistry } from '../adapters/registry/serve-registry.ts'
import type { Clock } from '../core/ports/context.ts'
import type { DiskSpace } from './disk-space.ts'
import type { Home } from './home/open-home.ts'

/** The registry of a host, to which developers push: what is pushed is in the home, and in its backups. */
export const openRegistry = ({
  home,
  secrets,
  consoleUrl,
  wall,
  disk,
}: {
  readonly home: Pick<Home, 'directory'>
  readonly secrets: { readonly codePepper: string }
  readonly consoleUrl: string
  readonly wall: Clock
  readonly disk: Pick<DiskSpace, 'isFull'>
}) => {
  const files = createImageFiles(join(home.directory, 'images'))
  const tokens = createPushTokens({ secret: secrets.codePepper, clock: wall })
  return {
    pushedImages: createPushedImages({ files, tokens, registry: new URL(consoleUrl).host }),
    registry: createRegistry({ files, tokens, isFull: disk.isFull }),
  }
}
