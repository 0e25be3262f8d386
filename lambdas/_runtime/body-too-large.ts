import { SitewrightError } from '../../core/errors.ts'

export const bodyTooLarge = (largestBytes: number): SitewrightError =>
  new SitewrightError('PayloadTooLarge', `The body may have at most ${largestBytes / 1024} KiB.`)
