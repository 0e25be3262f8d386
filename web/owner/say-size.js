// @ts-check

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']

/** @param {number} bytes `1.2 MB` */
export const saySize = (bytes) => {
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  return new Intl.NumberFormat('en-GB', {
    style: 'unit',
    unit: units[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: 1,
  }).format(bytes / 1000 ** step)
}
