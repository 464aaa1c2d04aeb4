// On every page of a signed-in person: shows the tray when something is on its way, here or in another tab. Small, because mostly
// nothing is.

const person = document.querySelector<HTMLMetaElement>('meta[name="person"]')?.content;

async function showTray(): Promise<void> {
  const { theUploads } = await import("./uploads");
  await theUploads();
}

if (person) {
  if (localStorage.getItem(`tongke:uploads:${person}`)) void showTray();
  else {
    const channel = new BroadcastChannel(`tongke:uploads:${person}`);
    channel.onmessage = () => {
      channel.close();
      void showTray();
    };
  }
  if (location.pathname.startsWith("/resources")) void import("./dropping").then(({ takeDrops }) => takeDrops());
}

export {};
