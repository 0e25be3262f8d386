/** What browsers may do with every answer of the console's host, its API included. */
export const browserHeaders = {
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy':
    'camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()',
} as const

/** For a host that visitors reach by HTTPS: for a year, browsers reach it by nothing else. */
export const httpsOnlySeconds = 31_536_000
