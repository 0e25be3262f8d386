import type { OpenRequests } from '../../core/ports/runtime.ts'

/** Routers come and go, and none of them speaks for the others. */
export const openRequests: OpenRequests = { at: async () => undefined }
