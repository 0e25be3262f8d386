import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'

/** unix(7) */
const longestSocketPath = 107

/** A path of a Unix socket that is short enough for the kernel, however long the directory's is. Valid until `close`. */
export const shortSocketPath = (
  directory: string,
  name: string,
): { readonly path: string; readonly close: () => void } => {
  const path = join(directory, name)
  if (Buffer.byteLength(path) <= longestSocketPath) return { path, close: () => {} }
  const descriptor = openSync(directory, constants.O_DIRECTORY)
  return { path: `/proc/self/fd/${descriptor}/${name}`, close: () => closeSync(descriptor) }
}
