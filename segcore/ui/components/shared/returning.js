// Streamlit gives the focus back to what opened a dialog, but does not look into a shadow root. Called when something in
// there asks for one; `back` is told what had the focus then, once the dialog is gone and nothing else has it. The last
// one on the page that asked is the one that gets it.
function returning(root, back) {
  const held = root.activeElement;
  let latest = Date.now() + 6000;
  let [open, gone] = [false, false];
  clearInterval(globalThis.segcoreReturning);
  const timer = setInterval(() => {
    const there = Boolean(document.querySelector('[role="dialog"], [role="alertdialog"]'));
    const { activeElement } = document;
    const nowhere = !activeElement || activeElement === document.body || (activeElement === root.host && !root.activeElement);
    if (there && !open) [open, latest] = [true, Infinity];
    if (open && !there && !gone) [gone, latest] = [true, Date.now() + 1200]; // for as long as the page comes to rest
    if (!held || !root.host.isConnected || Date.now() > latest || (gone && there)) clearInterval(timer);
    else if (gone && nowhere) back(held);
  }, 100);
  globalThis.segcoreReturning = timer;
}
