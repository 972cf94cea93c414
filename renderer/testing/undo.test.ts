import { describe, expect, it } from 'vitest'
import { soon, useStage } from './stage.ts'

describe('what an assistant changed in a folder', () => {
  const stage = useStage()
  const { show, button, commands } = stage

  it('is undone with one press on its row', async () => {
    await show('writing', '/activity')
    await stage.page.getByText('write_note').first().click()
    await stage.page.getByText('Wrote the new document').waitFor()
    await button('Undo this change').click()
    await stage.page.getByText('The document is as it was before.').waitFor()
    await stage.page.getByText('This was undone.').waitFor()
    expect(commands('changes.undo')).toEqual([{ call: 'call-91', over: null }])
  })

  it('is shown in both versions where it was changed since, and the one that stays is asked for', async () => {
    await show('writing', '/activity')
    await stage.page.getByText('edit_note').first().click()
    await button('Undo this change').click()
    await stage.page.getByText('Written by Ada since.').waitFor()
    await button('Keep it as it is now').click()
    expect(commands('changes.undo')).toHaveLength(1)
    await button('Undo this change').click()
    await button('Put the older one back').click()
    await stage.page.getByText('This was undone.').waitFor()
    expect(commands('changes.undo').at(-1)).toEqual({ call: 'call-90', over: 'fingerprint' })
  })

  it('is undone for a whole day at once, after a question, and what stays is named', async () => {
    await show('writing', '/activity')
    await stage.page.getByText('move_document').first().click()
    await button(/^Undo all that .* changed on this day/).click()
    await button('Undo all').click()
    await stage.page.getByText('2 changes were undone.').waitFor()
    await stage.page.getByText('Documents/shared/plan.md').first().waitFor()
    await soon(() =>
      expect(commands('changes.undoAll')).toEqual([
        { grantId: 'g1', since: expect.any(Number), until: expect.any(Number) },
      ]),
    )
  })

  it('is nothing where a call changed nothing', async () => {
    await show('busy', '/activity')
    await stage.page.getByRole('option').first().click()
    await stage.page.getByText('What it was given').waitFor()
    expect(await button('Undo this change').count()).toBe(0)
  })
})
