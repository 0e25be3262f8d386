/** What browsers may do with every answer of the console's host, its API included. */
export const browserHeaders = {
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy':
    'camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()',
} as const

/** The styles that React Aria adds for touch screens: of its buttons, and below its dialogs. */
const styleHashes = [
  "'sha256-38RhXrc7EdReTKsOm23ZPOCUgniTUUcjky8QOOrQx6o='",
  "'sha256-gYiS/BvZvRcK27JIXTuwhZ3hs2+VJ1X+2gUlE+farlg='",
]

export const contentSecurityPolicy = [
  "default-src 'self'",
  `style-src 'self' ${styleHashes.join(' ')}`,
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** For a host that visitors reach by HTTPS: for a year, browsers reach it by nothing else. */
export const httpsOnlySeconds = 31_536_000
