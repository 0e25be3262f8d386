import { escapeHtml } from '../html.ts'
import type { Course } from './course.ts'

/** The page that plays a course in a frame. The script finds the course by the page's own address. */
export const renderPlayerPage = ({ id, title, items }: Course): string => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${escapeHtml(title)}</title>
  <link rel="stylesheet" href="/page.css">
  <link rel="stylesheet" href="/player.css">
  <script type="module" src="/player.js"></script>
</head>
<body class="player" data-course="${id}">
  <header>
    <a href="/">All courses</a>
    <h1>${escapeHtml(title)}</h1>
    <label${items.length > 1 ? '' : ' hidden'}>Part
      <select id="items">${items.map((item) => `<option value="${escapeHtml(item.id)}">${escapeHtml(item.title)}</option>`).join('')}</select>
    </label>
    <p id="progress" role="status"></p>
  </header>
  <iframe id="content" title="${escapeHtml(title)}" allow="autoplay; fullscreen" src="about:blank"></iframe>
</body>
</html>
`
