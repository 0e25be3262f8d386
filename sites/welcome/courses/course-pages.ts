import { type Entitlement, whereToGet } from '../entitlement.ts'
import { escapeHtml } from '../html.ts'
import type { Course } from './course.ts'
import { sandbox } from './serve-content.ts'

const head = (title: string): string => `<meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${escapeHtml(title)}</title>`

/** The page of a course on the site's own origin. @param player the address of the player on the content origin. */
export const renderCoursePage = ({ title }: Course, player: string): string => `<!doctype html>
<html lang="en">
<head>
  ${head(title)}
  <link rel="stylesheet" href="/page.css">
  <link rel="stylesheet" href="/player.css">
</head>
<body class="player">
  <header>
    <a href="/">All courses</a>
    <h1>${escapeHtml(title)}</h1>
  </header>
  <iframe id="player" title="${escapeHtml(title)}" sandbox="${sandbox}" allow="autoplay; fullscreen" src="${escapeHtml(player)}"></iframe>
</body>
</html>
`

/** The player on the content origin. Its addresses are relative to the launch. */
export const renderPlayer = ({ title, items }: Course): string => `<!doctype html>
<html lang="en">
<head>
  ${head(title)}
  <link rel="stylesheet" href="page.css">
  <link rel="stylesheet" href="player.css">
  <script type="module" src="player.js"></script>
</head>
<body class="player">
  <header>
    <label${items.filter((item) => !item.isHidden).length > 1 ? '' : ' hidden'}>Part
      <select id="items">${items.map((item) => `<option value="${escapeHtml(item.id)}"${item.isHidden ? ' hidden' : ''}>${escapeHtml(item.title)}</option>`).join('')}</select>
    </label>
    <button id="next" type="button"${items.length > 1 ? '' : ' hidden'}>Next part</button>
    <p id="progress" role="status"></p>
  </header>
  <iframe id="content" title="${escapeHtml(title)}" allow="autoplay; fullscreen" src="about:blank"></iframe>
</body>
</html>
`

const courseItem = (
  { id, title }: Course,
  { canPlay, isOwner }: { canPlay: boolean; isOwner: boolean },
): string => `<li data-course="${id}">
        ${canPlay ? `<a href="/courses/${id}/">${escapeHtml(title)}</a>` : `<span>${escapeHtml(title)}</span>`}
        ${isOwner ? '<button type="button" class="delete">Delete</button>' : ''}
      </li>`

const upload = `<form id="new-course">
        <label for="package">New course: a SCORM 1.2 or 2004 package</label>
        <div class="row">
          <input id="package" name="package" type="file" accept=".zip,application/zip" required>
          <button disabled>Upload</button>
        </div>
      </form>`

const strangers = ({ consoleUrl }: Entitlement): string => {
  const console = consoleUrl === null ? 'the console' : `<a href="${escapeHtml(consoleUrl)}">the console</a>`
  return `<p id="not-owner" class="quiet">Is this your site? Open it from ${console} to upload and delete courses.</p>`
}

/**
 * The courses on the page at `/`: to play, and for the owner to upload and delete; or the way to a plan that has them.
 */
export const renderCoursesSection = (
  entitlement: Entitlement,
  courses: readonly Course[],
  isOwner: boolean,
): string => {
  const canPlay = entitlement.features.includes('scorm')
  const offer = `<p>Playing SCORM courses is not part of this site’s plan. ${escapeHtml(whereToGet(entitlement, 'scorm'))}
        ${courses.length === 0 ? '' : 'What you uploaded is kept until you delete it.'}</p>`
  return `<section aria-labelledby="courses-title">
      <h2 id="courses-title">Courses</h2>
      ${canPlay ? (isOwner ? upload : '') : offer}
      ${!isOwner && (canPlay || courses.length > 0) ? strangers(entitlement) : ''}
      <p id="course-message" role="status"></p>
      <ol id="courses">${courses.map((course) => courseItem(course, { canPlay, isOwner })).join('\n')}</ol>
    </section>`
}
