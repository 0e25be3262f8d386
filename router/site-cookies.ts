/**
 * Whether a Set-Cookie field sets its cookie for this hostname only. One with a Domain for a parent would reach every other
 * site. RFC 6265 §5.2: attribute names fold case, a leading dot is ignored, an empty Domain is none.
 */
export const staysOnHost = (field: string, hostname: string): boolean =>
  field
    .split(';')
    .slice(1)
    .every((attribute) => {
      const equals = attribute.indexOf('=')
      if (equals < 0 || attribute.slice(0, equals).trim().toLowerCase() !== 'domain') return true
      const domain = attribute
        .slice(equals + 1)
        .trim()
        .toLowerCase()
        .replace(/^\./, '')
      return domain === '' || domain === hostname
    })
