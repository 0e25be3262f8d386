/**
 * The settings of every AWS client. A request without an answer is retried after seconds, because the functions behind the
 * API have fifteen seconds. Region and credentials are the environment's.
 */
export const clientSettings = {
  maxAttempts: 4,
  retryMode: 'standard',
  // Without the last one the SDK only logs that it waits too long.
  requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
} as const
