/** Who a site's containers run as and its data belongs to. */
export interface SiteUser {
  readonly uid: number
  readonly gid: number
}

/** An account that no distribution gives out, so that it owns nothing else on the machine. */
const ownAccount: SiteUser = { uid: 10_001, gid: 10_001 }

/**
 * A host that runs as root hands a site's data over to an account without any rights. Another host cannot give files away,
 * so its sites run as the host's own user, which on Linux means: Docker's group, or Podman in that user's name.
 */
export const siteUser = (
  uid: number | undefined = process.getuid?.(),
  gid: number | undefined = process.getgid?.(),
): SiteUser => (uid === undefined || gid === undefined || uid === 0 ? ownAccount : { uid, gid })
