/** Modules that the build makes. */

declare module "virtual:icon-sprite" {
  /** Address of the sprite with all icons in use. */
  const address: string;
  export default address;
}
