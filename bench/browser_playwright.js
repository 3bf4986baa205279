// One order a line: {"open": url} or {"fields": […]}; one answer a line.
const {chromium} = require('playwright-core');
(async () => {
  const browser = await chromium.launch({executablePath: process.argv[2], args: ['--no-sandbox']});
  const page = await browser.newPage();
  const lines = require('readline').createInterface({input: process.stdin}); // not before: it drops what nobody waits for yet
  for await (const line of lines) {
    try {
      const order = JSON.parse(line);
      if (order.open) {
        await page.goto(order.open);
        console.log('ok opened');
        continue;
      }
      for (const f of order.fields) {
        if (f.Kind === 'select') await page.getByLabel(f.Label).selectOption(f.Value);
        else if (f.Kind === 'radio') await page.getByLabel(f.Value, {exact: true}).check();
        else await page.getByLabel(f.Label).fill(f.Value);
      }
      await page.getByRole('button', {name: '提交'}).click();
      console.log('ok ' + await page.locator('#receipt').textContent());
    } catch (e) {
      console.log('failed ' + String(e).split('\n')[0]);
    }
  }
  await browser.close();
})();
