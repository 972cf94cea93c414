import type { activityApi } from '../contract/activity.ts'
import type { HandlersOf } from '../contract/definition.ts'
import type { Activity } from './activity.ts'

export const activityHandlers = (
  activity: Pick<Activity, 'list' | 'search' | 'get'>,
): HandlersOf<typeof activityApi> => ({
  'activity.list': ({ search = '', ...page }) =>
    search.trim() === '' ? activity.list(page) : activity.search({ ...page, search }),
  'activity.get': ({ id }) => activity.get(id),
})
