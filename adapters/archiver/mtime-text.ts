const nanoseconds = 1_000_000_000n

/** Nanoseconds since 1970 as seconds, with as many decimals as it takes. */
export const mtimeText = (time: bigint): string => {
  const absolute = time < 0n ? -time : time
  const fraction = String(absolute % nanoseconds)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${time < 0n ? '-' : ''}${absolute / nanoseconds}${fraction === '' ? '' : `.${fraction}`}`
}
