/** Whose events ours are on a bus. */
export const eventSource = 'sitewright'
