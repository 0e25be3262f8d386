/**
 * What every client of an AWS service is made with. A service that is silent for seconds is asked again rather than waited
 * for: the functions behind the API have fifteen seconds. Region and credentials are the environment's.
 */
export const clientSettings = {
  maxAttempts: 4,
  retryMode: 'standard',
  // Without the last one the SDK only logs that it waits too long.
  requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
} as const
