/** A file or folder of a zip archive, as the archive's directory has it. */
export interface ZipEntry {
  /** Relative, safe to join to a directory, without a slash at its end. */
  readonly path: string
  readonly isDirectory: boolean
  readonly isDeflated: boolean
  readonly crc32: number
  readonly compressedBytes: number
  readonly bytes: number
  /** Where in the archive the entry's own header is. */
  readonly headerOffset: number
}
