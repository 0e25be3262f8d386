/** Two tries, as a client's retry has to be seen, and no long pauses between them. */
const hasty = {
  maxAttempts: 2,
  retryMode: 'standard',
  requestHandler: { connectionTimeout: 1000, requestTimeout: 5000 },
} as const
export const clientSettings = hasty
export const patientSettings = (address: object) => ({ ...address, ...hasty })
