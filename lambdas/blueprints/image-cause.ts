export const imageCauses = [
  'registry-unreachable',
  'credentials-needed',
  'image-not-found',
  'wrong-architecture',
  'unknown',
] as const
export type ImageCause = (typeof imageCauses)[number]

/** What Docker, Podman and ECS say; the first that matches counts. */
const signs: readonly (readonly [ImageCause, RegExp])[] = [
  [
    'wrong-architecture',
    /no matching manifest|no image found in (?:manifest|image index)|does not match the (?:specified|detected) platform|matching platform|made for another architecture|exec format error/i,
  ],
  [
    'registry-unreachable',
    /no such host|name resolution|server misbehaving|connection (?:refused|reset)|i\/o timeout|timed? ?out|dial tcp|TLS handshake|x509|network is unreachable|no route to host|unexpected EOF|\b50[0234]\b|toomanyrequests/i,
  ],
  ['image-not-found', /manifest unknown|manifest for .* not found|name unknown|not found|no such image|\b404\b/i],
  ['credentials-needed', /denied|unauthorized|authentication required|no basic auth|\b40[13]\b|docker login/i],
]

/** Names the cause by the words of the engine or the platform. */
export const imageCauseOf = (reason: string): ImageCause =>
  signs.find(([, pattern]) => pattern.test(reason))?.[0] ?? 'unknown'

/** For visitors, without internals; completes “… cannot be built now: ”. */
export const imageCauseWords: Readonly<Record<ImageCause, string>> = {
  'registry-unreachable': 'the registry of its image does not answer',
  'credentials-needed': 'the registry of its image refuses access',
  'image-not-found': 'its image does not exist',
  'wrong-architecture': 'its image is made for another kind of processor',
  unknown: 'its image is not available',
}
