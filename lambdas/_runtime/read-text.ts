import { SitewrightError } from '../../core/errors.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Returns the text of a body, without the byte order mark that some editors write.
 * @throws {SitewrightError} `MalformedBody` for bytes that are not UTF-8: a replaced character would be stored as if somebody had typed it.
 */
export const readText = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes)
  } catch (error) {
    throw new SitewrightError('MalformedBody', 'The body is not valid UTF-8.', { cause: error })
  }
}
