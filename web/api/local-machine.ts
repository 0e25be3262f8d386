/** Whether this page is served by one's own machine, which alone has mailbox, DNS and other stand-ins. */
export const hasLocal = async (path: `/_local/${string}`): Promise<boolean> => {
  if (location.protocol !== 'http:') return false
  const response = await fetch(path, { headers: { accept: 'application/json' } }).catch(() => undefined)
  return response?.ok === true && response.headers.get('content-type')?.includes('json') === true
}
