import { type Entitlement, whereToGet } from '../entitlement.ts'
import { escapeHtml } from '../html.ts'
import type { Texts } from '../texts.ts'
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
  <link rel="icon" href="/icon.svg" type="image/svg+xml">
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
  { canPlay, isOwner, t }: { canPlay: boolean; isOwner: boolean; t: Texts['t'] },
): string => `<li class="row" data-course="${id}">
        ${canPlay ? `<a href="/courses/${id}/">${escapeHtml(title)}</a>` : `<span>${escapeHtml(title)}</span>`}
        ${isOwner ? `<button type="button" class="delete">${t('remove')}</button>` : ''}
      </li>`

const upload = ({ t }: Texts): string => `<form id="new-course">
        <label for="package">${t('newCourse')}</label>
        <div class="row">
          <input id="package" name="package" type="file" accept=".zip,application/zip" required>
          <button disabled>${t('upload')}</button>
        </div>
      </form>`

/**
 * The courses on the page at `/`: to play, and for the owner to upload and delete; or the way to a plan that has them.
 */
export const renderCoursesSection = (
  entitlement: Entitlement,
  courses: readonly Course[],
  isOwner: boolean,
  texts: Texts,
): string => {
  const { t } = texts
  const canPlay = entitlement.features.includes('scorm')
  // Plans are of no concern to visitors.
  // A plan without courses says nothing of them, unless some are kept from an earlier plan.
  if (courses.length === 0 && !(isOwner && canPlay)) return ''
  const offer = `<p>${t('noCourses')} ${escapeHtml(whereToGet(entitlement, 'scorm', texts))} ${t('kept')}</p>`
  return `<section class="card" aria-labelledby="courses-title">
      <h2 id="courses-title">${t('courses')}</h2>
      ${canPlay ? (isOwner ? upload(texts) : '') : offer}
      <p id="course-message" role="status"></p>
      <ol id="courses">${courses.map((course) => courseItem(course, { canPlay, isOwner, t })).join('\n')}</ol>
    </section>`
}
