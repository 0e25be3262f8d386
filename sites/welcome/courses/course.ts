export const scormVersions = ['1.2', '2004'] as const
export type ScormVersion = (typeof scormVersions)[number]

/** What a learner can open. */
export interface CourseItem {
  /** As the manifest has it; unique in the course. */
  readonly id: string
  readonly title: string
  /** Percent-encoded and relative to the course's content, with the query that the manifest gives it. */
  readonly href: string
  /** What the manifest hands to the item: `cmi.launch_data`. */
  readonly launchData?: string
  /** `cmi.student_data.mastery_score` of SCORM 1.2. */
  readonly masteryScore?: string
}

export interface Course {
  readonly id: string
  readonly title: string
  readonly version: ScormVersion
  /** RFC 3339 in UTC: when it was taken. */
  readonly at: string
  /** Of all files together, unpacked. */
  readonly bytes: number
  readonly files: number
  readonly items: readonly CourseItem[]
}

/** What the manifest says of a course. */
export type CourseContents = Pick<Course, 'title' | 'version' | 'items'>
